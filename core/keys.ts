import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'

/** The two secrets that an operator holds: signing keys for consent-ui alone, sealing keys for both services. */
export type KeyKind = 'signing' | 'sealing'

/** One operator secret. */
export interface OperatorKey {
  /** Names the key in tokens and sealed values; 1 to 16 of `a-z 0-9 -`. */
  readonly id: string
  /** 32 random bytes. */
  readonly secret: Buffer
  /** `sign`: used for what is made new; `accept`: opens what was made before; `registrations`: opens client ids only. */
  readonly use: 'sign' | 'accept' | 'registrations'
}

/** The keys of one kind, for one Connect host. Every subkey is bound to that host's origin. */
export interface KeyRing {
  readonly origin: string
  readonly current: OperatorKey
  readonly all: readonly OperatorKey[]
}

const SECRET_BYTES = 32
/** 32 random bytes hold about 30 different values; a key made by hand holds few. */
const LEAST_DISTINCT_BYTES = 16

/** A new operator secret in the checked format `connect-<kind>.<32 bytes, base64url>.<checksum>`. */
export function newSecret(kind: KeyKind): string {
  const body = `connect-${kind}.${randomBytes(SECRET_BYTES).toString('base64url')}`
  return `${body}.${checksum(body)}`
}

/** What a member of the key list looks like in configuration. */
export interface KeyListEntry {
  readonly id: string
  readonly secret: string
  readonly use: OperatorKey['use']
}

/**
 * Schema of a key list in configuration: JSON, `[{"id":"2026-11","secret":"connect-sealing.…","use":"sign"}]`.
 * Refuses weak, mistyped, duplicate and wrong-kind keys, naming the position and never the secret.
 */
export function keyList(kind: KeyKind) {
  return z.string().transform((text, context) => {
    const entries = entriesOf(text)
    if (typeof entries === 'string') {
      context.addIssue({ code: 'custom', message: entries })
      return z.NEVER
    }
    for (const message of problemsOf(entries, kind)) context.addIssue({ code: 'custom', message })
    return entries.map((entry) => ({ id: entry.id, use: entry.use, secret: decode(entry.secret) }))
  })
}

/** Puts checked keys together for a host. */
export function keyRing(origin: string, all: readonly OperatorKey[]): KeyRing {
  const current = all.find((key) => key.use === 'sign')
  if (current === undefined) throw new TypeError('a key ring needs a key whose use is sign')
  return { origin, current, all }
}

/**
 * A subkey for one purpose (RFC 5869): another purpose, key or host gives an unrelated one.
 *
 * @param salt - a second share, without which the subkey cannot be made
 */
export function subkey(
  ring: KeyRing,
  key: OperatorKey,
  derivation: { readonly purpose: string; readonly salt?: Uint8Array; readonly bytes?: number },
): Buffer {
  const info = `quilt-connect/v1/${derivation.purpose}/${key.id}/${ring.origin}`
  const salt = derivation.salt ?? new Uint8Array()
  return Buffer.from(hkdfSync('sha256', key.secret, salt, info, derivation.bytes ?? 32))
}

const entrySchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,16}$/),
    secret: z.string(),
    use: z.enum(['sign', 'accept', 'registrations']),
  }),
)

function entriesOf(text: string): KeyListEntry[] | string {
  try {
    const result = entrySchema.safeParse(JSON.parse(text))
    if (result.success) return result.data
    const [issue] = result.error.issues
    return `member ${issue?.path.join('.') ?? ''} is wrong: each key is {"id","secret","use"} with use sign, accept or registrations`
  } catch {
    return 'must be a JSON list of {"id","secret","use"}'
  }
}

function problemsOf(entries: readonly KeyListEntry[], kind: KeyKind): string[] {
  const problems = entries.flatMap((entry, index) => {
    const problem = secretProblem(entry.secret, kind)
    return problem === undefined ? [] : [`key ${index + 1} (${entry.id}) ${problem}`]
  })
  if (entries.filter((entry) => entry.use === 'sign').length !== 1) {
    problems.push('must have exactly one key whose use is sign')
  }
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) problems.push('has two keys of one id')
  if (new Set(entries.map((entry) => entry.secret)).size < entries.length)
    problems.push('has one secret twice')
  return problems
}

function secretProblem(secret: string, kind: KeyKind): string | undefined {
  const [prefix, body, sum] = secret.split('.')
  if (prefix !== `connect-${kind}`) return `is not a ${kind} key: it must start with "connect-${kind}."`
  if (sum !== checksum(`${prefix}.${body ?? ''}`)) return 'is mistyped: its checksum does not fit'
  const bytes = decode(secret)
  if (bytes.length !== SECRET_BYTES) return `must hold ${SECRET_BYTES} bytes`
  if (new Set(bytes).size < LEAST_DISTINCT_BYTES) return 'is weak: make it with random bytes'
  return undefined
}

function decode(secret: string): Buffer {
  return Buffer.from(secret.split('.')[1] ?? '', 'base64url')
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 8)
}
