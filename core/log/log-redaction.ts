const CENSOR = '[secret]'

/** What secrets stand under, in members of JSON and in parameters of URLs; an error's own code is none. */
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

/** Each leaves quotes and backslashes alone, so that what was JSON stays JSON. */
const RULES: readonly Rule[] = [
  // "name":"value" and "name":["value"]; in a list of raw headers "Name","value".
  [
    new RegExp(`("(?:${NAMES})":)(?:"(?:[^"\\\\]|\\\\.)*"|\\[(?:"(?:[^"\\\\]|\\\\.)*",?)*\\])`, 'gi'),
    `$1"${CENSOR}"`,
  ],
  [/("(?:(?:proxy-)?authorization|(?:set-)?cookie)",)"(?:[^"\\]|\\.)*"/gi, `$1"${CENSOR}"`],
  // JSON within a text.
  [new RegExp(`(\\\\"(?:${NAMES})\\\\":\\\\")[^"\\\\]*`, 'gi'), `$1${CENSOR}`],
  // ?name=value&name=value, and redis://user:password@host.
  [new RegExp(`(\\b(?:${NAMES})=)[^&\\s"\\\\]+`, 'gi'), `$1${CENSOR}`],
  [/(:\/\/)[^\s/@"\\]*@/g, `$1${CENSOR}@`],
  // What is known by its look: credentials with their scheme, JWTs and Quilt's codes, API keys,
  // refresh tokens, operator's keys, authorization codes.
  [/\b(bearer|basic) [\w.~+/=-]{16,}/gi, `$1 ${CENSOR}`],
  [/\beyJ[\w.+/=-]{16,}/g, CENSOR],
  // But for the fingerprint by which Quilt's own log names a key, qk_abc...xyz.
  [/qk_(?![\w~+/-]{3}\.{3}[\w~+/=-]{3}(?![\w.~+/=-]))[\w.~+/=-]+/g, CENSOR],
  [/\bqcr1\.[\w.-]+/g, CENSOR],
  [/\bconnect-(?:signing|sealing)\.[\w.-]+/g, CENSOR],
  [/(?<![\w-])[\w-]{43}\.[\w-]{43}(?![\w-])/g, CENSOR],
]

/**
 * Takes out of a line of JSON whatever looks like a secret of ours, wherever in it: at any depth, in messages and
 * stacks. Nobody should ever hand one to the log; this is for the day that somebody does.
 */
export function withoutSecrets(line: string): string {
  return RULES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)
}
