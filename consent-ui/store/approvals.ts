import { createHmac } from 'node:crypto'
import { sha256 } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import type { Store } from '../../core/store/redis.ts'
import { APPROVAL_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Transaction } from './transaction-store.ts'

/** Of one client; the oldest are forgotten first. */
const MAX_COUNTED = 1000

type Approver = Pick<SignedIn, 'issuer' | 'subject'>

/** A client as it was approved: once its document or configuration has changed, approvals count anew. */
type ApprovedClient = Pick<Transaction, 'clientId' | 'clientHash'>

/** Who approved a client lately, as far as the consent page says it. */
export interface ApprovalCount {
  /** When this user approved it last, in seconds since 1970. */
  readonly ownAt: number | undefined
  /** How many other users did. */
  readonly others: number
  /** The count has reached its bound. */
  readonly isMore: boolean
}

/** How many users approved a client, without names: users are keyed hashes, different for each client. */
export class Approvals {
  readonly #redis: Store
  readonly #ring: KeyRing
  readonly #origin: string

  constructor(redis: Store, ring: KeyRing, origin: string) {
    this.#redis = redis
    this.#ring = ring
    this.#origin = origin
  }

  async add(client: ApprovedClient, person: Approver, now: number): Promise<void> {
    const [current, ...former] = this.#membersOf(client, person)
    const bounds = [now, now - APPROVAL_SECONDS, MAX_COUNTED, APPROVAL_SECONDS]
    await this.#redis.eval(ADD, 1, this.#keyOf(client), ...bounds, current ?? '', ...former)
  }

  async of(client: ApprovedClient, person: Approver, now: number): Promise<ApprovalCount> {
    const key = this.#keyOf(client)
    const since = now - APPROVAL_SECONDS
    const [count, ...scores] = await Promise.all([
      this.#redis.zcount(key, since, '+inf'),
      ...this.#membersOf(client, person).map((member) => this.#redis.zscore(key, member)),
    ])
    const own = scores.filter((score) => score !== null).map(Number)
    const ownAt = Math.max(...own.filter((at) => at >= since))
    const others = Math.max(0, count - own.length)
    return { ownAt: Number.isFinite(ownAt) ? ownAt : undefined, others, isMore: count >= MAX_COUNTED }
  }

  /** Under each accepted key, the current one first: a key may have been rotated since. */
  #membersOf({ clientId }: ApprovedClient, { issuer, subject }: Approver): string[] {
    const { current, all } = this.#ring
    const keys = [current, ...all.filter(({ id }) => id !== current.id)]
    return keys.map((key) => this.#macUnder(key, [clientId, issuer, subject]))
  }

  #macUnder(key: OperatorKey, parts: readonly string[]): string {
    return createHmac('sha256', subkey(this.#ring, key, { purpose: 'approver' }))
      .update(JSON.stringify(parts))
      .digest('base64url')
  }

  #keyOf({ clientId, clientHash }: ApprovedClient): string {
    return `connect:approvals:${sha256(JSON.stringify([this.#origin, clientId, clientHash]))}`
  }
}

/** ARGV: now, the oldest that counts, how many are kept, lifetime; then the user under the current key and others. */
const ADD = `
for index = 6, #ARGV do redis.call('ZREM', KEYS[1], ARGV[index]) end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
`
