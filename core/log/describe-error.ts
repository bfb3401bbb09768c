import { withoutSecrets } from './log-redaction.ts'

const MAX_TEXT_CHARACTERS = 300
const CUT = '…'
/** A shorter prefix of a secret reveals nothing. */
const MIN_BEGINNING_CHARACTERS = 4

/** Claims whose values show the operator what to fix. Others may be secrets (`nonce`) or personal. */
const COMPARED = new Set(['issuer', 'iss', 'aud', 'azp', 'exp', 'nbf', 'iat', 'auth_time'])

/**
 * Describes an error and its causes in one line of the log.
 *
 * @param sent - secrets of the failed request, which an answer may repeat
 */
export function describeError(error: unknown, sent: readonly string[] = []): string {
  return clean(described(error), sent)
}

/** Removes secrets and line breaks from a text that another server sent. */
export function clean(text: string, sent: readonly string[] = []): string {
  const secrets = sent
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
  const without = secrets.reduce(withoutSecret, text)
  return withoutSecrets(without.replace(/\p{Cc}+/gu, ' '))
}

/** Also removes its beginning if the text was cut inside it. */
function withoutSecret(text: string, secret: string): string {
  const rest = text.replaceAll(secret, '[secret]')
  if (!rest.includes(CUT)) return rest
  const lengths = Array.from({ length: secret.length }, (_character, index) => secret.length - index)
  return lengths
    .filter((length) => length >= MIN_BEGINNING_CHARACTERS)
    .reduce((all, length) => all.replaceAll(`${secret.slice(0, length)}${CUT}`, `[secret]${CUT}`), rest)
}

function described(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'the answer is not JSON'
  if (cause instanceof Error) return [messageOf(cause), ...causeOf(cause)].join(': ')
  if (cause instanceof Response)
    return `HTTP ${cause.status} ${cause.headers.get('content-type') ?? ''}`.trim()
  if (cause instanceof URLSearchParams) return factsOf(Object.fromEntries(cause)).join(', ')
  if (Array.isArray(cause)) return cause.map(described).join('; ')
  if (typeof cause === 'object' && cause !== null) return factsOf(cause).join(', ')
  return typeof cause === 'string' ? short(cause) : typeof cause
}

function messageOf(error: Error): string {
  const facts = factsOf(error)
  const message = error.message === '' ? shown(read(error, 'code') ?? error.name) : error.message
  return facts.length === 0 ? message : `${message} (${facts.join(', ')})`
}

/** openid-client repeats the parsed body or query as the cause of an error that names it already. */
function causeOf(error: Error): string[] {
  if (error.cause === undefined || typeof read(error, 'error') === 'string') return []
  const text = described(error.cause)
  return text === '' ? [] : [text]
}

function factsOf(from: object): string[] {
  const [error, description, status] = ['error', 'error_description', 'status'].map((name) =>
    read(from, name),
  )
  return [
    ...(typeof error === 'string' ? [`error ${short(error)}`] : []),
    ...(typeof description === 'string' ? [`description ${short(description)}`] : []),
    ...(typeof status === 'number' ? [`status ${status}`] : []),
    ...challengeOf(from),
    ...comparisonOf(from),
  ]
}

/** WWW-Authenticate of a protected resource (RFC 6750 section 3). */
function challengeOf(from: object): string[] {
  const parameters = read(from, 'parameters')
  return read(from, 'scheme') !== undefined && typeof parameters === 'object' && parameters !== null
    ? factsOf(parameters)
    : []
}

/** `{ expected, body | claims, attribute | claim, now }`, and `{ expected, parameters }` of a callback. */
function comparisonOf(from: object): string[] {
  const parameters = read(from, 'parameters')
  if (parameters instanceof URLSearchParams) return issuerOfCallback(parameters, read(from, 'expected'))
  const name = read(from, 'attribute') ?? read(from, 'claim')
  if (typeof name !== 'string') return []
  if (!COMPARED.has(name)) return [`${short(name)} differs or is missing`]
  const found = read(read(from, 'body') ?? read(from, 'claims'), name)
  const [expected, now] = [read(from, 'expected'), read(from, 'now')]
  return [
    `${name}: found ${shown(found)}`,
    ...(expected === undefined ? [] : [`expected ${shown(expected)}`]),
    ...(now === undefined ? [] : [`our clock says ${shown(now)}`]),
  ]
}

/** Only a URL is an issuer: a callback's `state`, a secret, comes in the same form. */
function issuerOfCallback(parameters: URLSearchParams, expected: unknown): string[] {
  if (typeof expected !== 'string' || !URL.canParse(expected)) return []
  return [`iss: found ${shown(parameters.get('iss'))}`, `expected ${shown(expected)}`]
}

function read(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null && name in from
    ? (from as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function shown(value: unknown): string {
  if (typeof value === 'string') return short(value)
  return value === undefined ? 'nothing' : short(JSON.stringify(value))
}

function short(text: string): string {
  return text.length <= MAX_TEXT_CHARACTERS ? text : `${text.slice(0, MAX_TEXT_CHARACTERS)}${CUT}`
}
