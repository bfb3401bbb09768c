import { createHash, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../http/parse-json.ts'

/** The operator's secrets: signing keys for consent-ui only, sealing and audit keys for both services. */
export type KeyKind = 'signing' | 'sealing' | 'audit'

/** Also the secrets of programs that call consent-ui; it knows only their hashes. */
export type SecretKind = KeyKind | 'operator'

export interface OperatorKey {
  /** Names the key in tokens and sealed values; 1 to 16 of `a-z 0-9 -`. */
  readonly id: string
  readonly secret: Buffer
  /** `sign`: for new values; `accept`: opens earlier values; `registrations`: opens client ids only. */
  readonly use: 'sign' | 'accept' | 'registrations'
}

export interface KeyRing {
  readonly origin: string
  readonly current: OperatorKey
  readonly all: readonly OperatorKey[]
}

export const KEY_ID = /^[a-z0-9-]{1,16}$/

const SECRET_BYTES = 32
/** 32 random bytes have about 30 different values, and so do their differences. */
const MIN_DISTINCT_BYTES = 16

/** Makes an operator secret: `connect-<kind>.<32 bytes, base64url>.<checksum>`. */
export function newSecret(kind: SecretKind): string {
  const body = `connect-${kind}.${randomBytes(SECRET_BYTES).toString('base64url')}`
  return `${body}.${checksum(body)}`
}

export interface KeyListEntry {
  readonly id: string
  readonly secret: string
  readonly use: OperatorKey['use']
}

/**
 * Schema of a key list: `[{"id":"2026-11","secret":"connect-sealing.…","use":"sign"}]`. Refuses weak, mistyped,
 * duplicate and wrong-kind keys; problems name the position, never the secret.
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

export function keyRing(origin: string, all: readonly OperatorKey[]): KeyRing {
  const current = all.find((key) => key.use === 'sign')
  if (current === undefined) throw new TypeError('a key ring needs a key whose use is sign')
  return { origin, current, all }
}

/** Finds a key that may open more than client ids. */
export function acceptedKey(ring: KeyRing, keyId: string | undefined): OperatorKey | undefined {
  return ring.all.find(({ id, use }) => id === keyId && use !== 'registrations')
}

/**
 * Derives a subkey for one purpose (RFC 5869); each purpose, key, host and share gives an unrelated one.
 * The share is key material, not HKDF's salt: HMAC replaces a salt of more than 64 bytes by its hash, and Redis
 * contains the hash of a share.
 */
export function subkey(
  ring: KeyRing,
  key: OperatorKey,
  derivation: { readonly purpose: string; readonly share?: Uint8Array; readonly bytes?: number },
): Buffer {
  const info = `quilt-connect/v1/${derivation.purpose}/${key.id}/${ring.origin}`
  const material = Buffer.concat([key.secret, derivation.share ?? new Uint8Array()])
  // For a key in bytes Node throws and catches an error on each call.
  const secret = createSecretKey(material)
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), info, derivation.bytes ?? 32))
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

/** Replaces zod's messages, which may quote the input. */
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
  if (kind !== 'sealing' && entries.some((entry) => entry.use === 'registrations')) {
    problems.push('has a key whose use is registrations, which only sealing keys have; remove it')
  }
  if (new Set(entries.map((entry) => entry.id)).size < entries.length)
    problems.push('has two keys with the same id')
  if (new Set(entries.map((entry) => entry.secret)).size < entries.length)
    problems.push('has two keys with the same secret')
  return problems
}

/** What is wrong with an operator secret, without repeating it; undefined if nothing is. */
export function secretProblem(secret: string, kind: SecretKind): string | undefined {
  const [prefix, body = '', sum, ...rest] = secret.split('.')
  if (prefix !== `connect-${kind}`)
    return `is not ${kind === 'audit' || kind === 'operator' ? 'an' : 'a'} ${kind} key: it must start with "connect-${kind}."`
  if (sum !== checksum(`${prefix}.${body}`) || rest.length > 0) {
    return 'is mistyped: its checksum does not match'
  }
  const bytes = decode(secret)
  if (bytes.length !== SECRET_BYTES || bytes.toString('base64url') !== body) {
    return `must hold ${SECRET_BYTES} bytes, base64url`
  }
  return isWeak(bytes) ? 'is weak; make it with npm run keys' : undefined
}

/** True for secrets made by hand: few different bytes, a counter, or printable text. */
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
