import { createHmac, createSecretKey, hash, randomUUID, type KeyObject } from 'node:crypto'
import { subkey, type KeyRing, type OperatorKey } from '../keys/keys.ts'
import { PERSONAL_MEMBERS, type EventParts } from './audit-event.ts'

const VERSION = 'connect-audit-v1'

/** Places a line in the chain of its process. */
export interface ChainPlace {
  readonly process: string
  /** From 0, without gaps. */
  readonly line: number
  /** In lines with which a check may begin. */
  readonly anchor?: {
    readonly part: string
    readonly key: string
    /** MAC of the line before; empty for the first. */
    readonly previous: string
  }
}

/** A line, taken apart. */
export interface LineParts {
  readonly common: string
  /** Undefined after removal of personal data. */
  readonly personal: string | undefined
  readonly place: ChainPlace
  readonly seal: Seal
}

/** Salt of the personal members; or, once they are removed, their digest and a proof that a key holder did it. */
type Seal = { readonly mac: string } & (
  { readonly salt: string } | { readonly digest: string; readonly removed: string }
)

/** Derives the key of the chains from an operator's key. */
export function chainKey(ring: KeyRing, key: OperatorKey): KeyObject {
  return createSecretKey(subkey(ring, key, { purpose: 'audit chain' }))
}

/** Writes a line, without line end. The personal members are in the MAC by a salted digest, so they can be removed. */
export function writeLine(
  key: KeyObject,
  previous: string,
  { event, place }: { readonly event: EventParts; readonly place: ChainPlace },
): { readonly text: string; readonly mac: string } {
  const common = JSON.stringify(event.common)
  const personal = JSON.stringify(event.personal)
  // 122 random bits; Node makes many at once, so that it costs no system call.
  const salt = randomUUID()
  const mac = macOf(key, previous, { common, digest: digestOf(personal, salt), place })
  return { text: join({ common, personal, place, seal: { salt, mac } }), mac }
}

/** Takes a line apart; undefined if it is not written exactly as {@link writeLine} writes. */
export function readLine(text: string): LineParts | undefined {
  const record = parseObject(text)
  const chain = record?.chain
  if (record === undefined || !isChain(chain)) return undefined
  const { salt, digest, removed, mac, ...place } = chain
  const members = Object.entries(record).filter(([name]) => name !== 'chain')
  const isPersonal = ([name]: [string, unknown]): boolean => PERSONAL.has(name)
  const personal = members.filter(isPersonal)
  const seal: Seal =
    salt === undefined ? { digest: digest ?? '', removed: removed ?? '', mac } : { salt, mac }
  const parts = {
    common: JSON.stringify(Object.fromEntries(members.filter((each) => !isPersonal(each)))),
    personal: salt === undefined ? undefined : JSON.stringify(Object.fromEntries(personal)),
    place,
    seal,
  }
  return join(parts) === text ? parts : undefined
}

/** True if the line follows the one whose MAC is `previous`, and was written or emptied with this key. */
export function isGenuine(
  key: KeyObject,
  previous: string,
  { common, personal, place, seal }: LineParts,
): boolean {
  const digest = 'salt' in seal ? digestOf(personal ?? '', seal.salt) : seal.digest
  if (macOf(key, previous, { common, digest, place }) !== seal.mac) return false
  return 'salt' in seal || seal.removed === removalOf(key, seal.mac)
}

/** Removes the personal members; the MAC stays valid, and the random salt goes too, so they cannot be guessed. */
export function withoutPerson(key: KeyObject, { common, personal, place, seal }: LineParts): string {
  if (!('salt' in seal)) return join({ common, personal, place, seal })
  const { salt, mac } = seal
  const emptied = { digest: digestOf(personal ?? '', salt), removed: removalOf(key, mac), mac }
  return join({ common, personal: undefined, place, seal: emptied })
}

const PERSONAL: ReadonlySet<string> = new Set(PERSONAL_MEMBERS)

function join({ common, personal, place, seal }: LineParts): string {
  const chain = JSON.stringify({ ...place, ...seal })
  const middle = personal === undefined || personal === '{}' ? '' : `,${personal.slice(1, -1)}`
  return `${common.slice(0, -1)}${middle},"chain":${chain}}`
}

function macOf(
  key: KeyObject,
  previous: string,
  { common, digest, place }: { readonly common: string; readonly digest: string; readonly place: ChainPlace },
): string {
  const signed = [VERSION, previous, common, digest, JSON.stringify(place)].join('\n')
  return createHmac('sha256', key).update(signed).digest('base64url')
}

function removalOf(key: KeyObject, mac: string): string {
  return createHmac('sha256', key).update(`${VERSION}\npersonal members removed\n${mac}`).digest('base64url')
}

function digestOf(personal: string, salt: string): string {
  return hash('sha256', `${salt}\n${personal}`, 'base64url')
}

interface Chain extends ChainPlace {
  readonly salt?: string
  readonly digest?: string
  readonly removed?: string
  readonly mac: string
}

function isChain(value: unknown): value is Chain {
  if (typeof value !== 'object' || value === null) return false
  const { process, line, mac, anchor } = value as Partial<Omit<Chain, 'anchor'>> & {
    readonly anchor?: Partial<NonNullable<Chain['anchor']>> | null
  }
  const named = anchor === undefined ? [] : [anchor?.part, anchor?.key, anchor?.previous]
  return Number.isSafeInteger(line) && [process, mac, ...named].every((member) => typeof member === 'string')
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
