import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../http/parse-json.ts'

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

/** The form of a key's id. */
export const KEY_ID = /^[a-z0-9-]{1,16}$/

const SECRET_BYTES = 32
/** 32 random bytes hold about 30 different values, and so do the steps between them. */
const MIN_DISTINCT_BYTES = 16

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
    const { success, data, error } = entriesSchema.safeParse(parseJson(text))
    const problems = success ? problemsOf(data, kind) : error.issues.map(describe)
    for (const message of problems) context.addIssue({ code: 'custom', message })
    if (!success) return z.NEVER
    return data.map((entry) => ({ id: entry.id, use: entry.use, secret: decode(entry.secret) }))
  })
}

/** Puts checked keys together for a host. */
export function keyRing(origin: string, all: readonly OperatorKey[]): KeyRing {
  const current = all.find((key) => key.use === 'sign')
  if (current === undefined) throw new TypeError('a key ring needs a key whose use is sign')
  return { origin, current, all }
}

/** The key of an id, where it opens more than client ids; undefined where it is not in the ring. */
export function acceptedKey(ring: KeyRing, keyId: string | undefined): OperatorKey | undefined {
  return ring.all.find(({ id, use }) => id === keyId && use !== 'registrations')
}

/**
 * A subkey for one purpose (RFC 5869): another purpose, key, host or share gives an unrelated one.
 *
 * The share is key material, never HKDF's salt: HMAC replaces a salt of more than 64 bytes by its hash, and the
 * hash of a share is what the store knows.
 *
 * @param share - a second share, without which the subkey cannot be made
 */
export function subkey(
  ring: KeyRing,
  key: OperatorKey,
  derivation: { readonly purpose: string; readonly share?: Uint8Array; readonly bytes?: number },
): Buffer {
  const info = `quilt-connect/v1/${derivation.purpose}/${key.id}/${ring.origin}`
  const material = Buffer.concat([key.secret, derivation.share ?? new Uint8Array()])
  return Buffer.from(hkdfSync('sha256', material, new Uint8Array(), info, derivation.bytes ?? 32))
}

const entriesSchema = z.array(
  z.strictObject({
    id: z.string().regex(KEY_ID),
    secret: z.string(),
    use: z.enum(['sign', 'accept', 'registrations']),
  }),
)

const RULES: Readonly<Record<string, string>> = {
  id: 'must be 1 to 16 of a-z, 0-9 and -',
  secret: 'must be text',
  use: 'must be sign, accept or registrations',
}

/** The library's own words may quote what is wrong. */
function describe({ path: [index, field] }: z.core.$ZodIssue): string {
  if (typeof index !== 'number') return 'must be a JSON list of {"id","secret","use"}'
  const rule = RULES[String(field)]
  if (rule === undefined) return `key ${index + 1} must be {"id","secret","use"} and nothing else`
  return `key ${index + 1}: ${String(field)} ${rule}`
}

function problemsOf(entries: readonly KeyListEntry[], kind: KeyKind): string[] {
  const problems = entries.flatMap((entry, index) => {
    const problem = secretProblem(entry.secret, kind)
    return problem === undefined ? [] : [`key ${index + 1} (${entry.id}) ${problem}`]
  })
  if (entries.filter((entry) => entry.use === 'sign').length !== 1) {
    problems.push('must have exactly one key whose use is sign')
  }
  if (kind === 'signing' && entries.some((entry) => entry.use === 'registrations')) {
    problems.push('has a key for registrations, which are sealed and not signed: drop it')
  }
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) problems.push('has two keys of one id')
  if (new Set(entries.map((entry) => entry.secret)).size < entries.length)
    problems.push('has one secret twice')
  return problems
}

function secretProblem(secret: string, kind: KeyKind): string | undefined {
  const [prefix, body = '', sum, ...rest] = secret.split('.')
  if (prefix !== `connect-${kind}`) return `is not a ${kind} key: it must start with "connect-${kind}."`
  if (sum !== checksum(`${prefix}.${body}`) || rest.length > 0) {
    return 'is mistyped: its checksum does not fit'
  }
  const bytes = decode(secret)
  if (bytes.length !== SECRET_BYTES || bytes.toString('base64url') !== body) {
    return `must hold ${SECRET_BYTES} bytes, base64url`
  }
  return isWeak(bytes) ? 'is weak: make it with random bytes' : undefined
}

/** Made by hand: few different bytes, a counter, or what a keyboard types. */
function isWeak(bytes: Buffer): boolean {
  const steps = bytes.map((byte, index) => byte - (bytes[index - 1] ?? 0))
  const isTyped = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  return isTyped || [bytes, steps].some((values) => new Set(values).size < MIN_DISTINCT_BYTES)
}

function decode(secret: string): Buffer {
  return Buffer.from(secret.split('.')[1] ?? '', 'base64url')
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 8)
}
