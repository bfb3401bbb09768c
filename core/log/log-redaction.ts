const CENSOR = '[secret]'

/** Names of JSON members and URL parameters whose values are secrets. An error's `code` is not one. */
const NAMES = [
  '(?:proxy-)?authorization',
  '(?:set-)?cookie',
  'code(?!":"E[A-Z0-9_]+")',
  'code_?verifier',
  'state',
  '(?:access|refresh|id|subject|session)?_?token',
  '(?:client_?)?secret',
  'secret_?access_?key',
  'password',
  'credential',
  'share',
  'k',
].join('|')

type Rule = readonly [pattern: RegExp, replacement: string]

/** No rule removes quotes or backslashes, so JSON stays JSON. */
const RULES: readonly Rule[] = [
  // "name":"value" and "name":["value"]; in a list of raw headers "Name","value".
  [
    new RegExp(`("(?:${NAMES})":)(?:"(?:[^"\\\\]|\\\\.)*"|\\[(?:"(?:[^"\\\\]|\\\\.)*",?)*\\])`, 'gi'),
    `$1"${CENSOR}"`,
  ],
  [/("(?:(?:proxy-)?authorization|(?:set-)?cookie)",)"(?:[^"\\]|\\.)*"/gi, `$1"${CENSOR}"`],
  // JSON inside a string.
  [new RegExp(`(\\\\"(?:${NAMES})\\\\":\\\\")[^"\\\\]*`, 'gi'), `$1${CENSOR}`],
  // ?name=value&name=value, and redis://user:password@host.
  [new RegExp(`(\\b(?:${NAMES})=)[^&\\s"\\\\]+`, 'gi'), `$1${CENSOR}`],
  [/(:\/\/)[^\s/@"\\]*@/g, `$1${CENSOR}@`],
  // Formats: credentials with their scheme, JWTs and Quilt's codes, API keys, refresh tokens, operator keys,
  // authorization codes.
  [/\b(bearer|basic) [\w.~+/=-]{16,}/gi, `$1 ${CENSOR}`],
  [/\beyJ[\w.+/=-]{16,}/g, CENSOR],
  // Except the fingerprint by which Quilt's audit log names a key, qk_abc...xyz.
  [/qk_(?![\w~+/-]{3}\.{3}[\w~+/=-]{3}(?![\w.~+/=-]))[\w.~+/=-]+/g, CENSOR],
  [/\bqcr1\.[\w.-]+/g, CENSOR],
  [/\bconnect-(?:signing|sealing|audit|operator)\.[\w.-]+/g, CENSOR],
  [/(?<![\w-])[\w-]{43}\.[\w-]{43}(?![\w-])/g, CENSOR],
]

/** Every rule but the last needs one of these. */
const POSSIBLE_SECRET = /["\\=@]|eyJ|qk_|qcr1\.|connect-|b(?:earer|asic) /i
/** The last rule needs 43 characters, a dot, and 43 more. */
const MAX_PLAIN_LENGTH = 86

/** Replaces everything in a line of JSON that looks like a secret, at any depth, in messages and stacks. */
export function withoutSecrets(line: string): string {
  // Short texts, such as those of audit events.
  if (line.length <= MAX_PLAIN_LENGTH && !POSSIBLE_SECRET.test(line)) return line
  return RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)
}
