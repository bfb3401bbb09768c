import { sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import type { NoticeReason } from '../notices/notice.ts'
import { NOTICE_INTERVAL_SECONDS, NOTICE_MEMORY_SECONDS } from '../lifetimes.ts'

/** Of one user and client; further ones count as new each time. */
const MAX_NETWORKS = 50
/** To one user: who approves more clients than that has read of them by then. */
const MAX_NOTICES_PER_DAY = 20

const DAY_SECONDS = 86_400

interface Occasion {
  /** As `quiltUser` names the user. */
  readonly user: string
  readonly clientId: string
  /** Empty if unknown. */
  readonly network: string
  /** Seconds since 1970. */
  readonly now: number
}

/** Remembers where a user approved a client from, and when the user was told: at most once a day for each client. */
export class NoticeStore {
  readonly #redis: Store
  readonly #origin: string

  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#origin = origin
  }

  /** @returns why the user is to be told of an approval; undefined if the client and the network are known, or today */
  async claimApproval(occasion: Occasion): Promise<NoticeReason | undefined> {
    return await this.#claim(occasion, 'approval')
  }

  /** @returns `replay`, or undefined if the user was told of this client today */
  async claimReplay(occasion: Occasion): Promise<NoticeReason | undefined> {
    return await this.#claim(occasion, 'replay')
  }

  /** Counts a notice to a user. @returns false if the user had as many as a day allows */
  async countNotice(user: string): Promise<boolean> {
    const key = `connect:noticed:${sha256(JSON.stringify([this.#origin, user]))}`
    return Number(await this.#redis.eval(COUNT, 1, key, DAY_SECONDS)) <= MAX_NOTICES_PER_DAY
  }

  async #claim({ user, clientId, network, now }: Occasion, kind: string): Promise<NoticeReason | undefined> {
    const key = `connect:notices:${sha256(JSON.stringify([this.#origin, user, clientId]))}`
    const bounds = [now, NOTICE_INTERVAL_SECONDS, NOTICE_MEMORY_SECONDS, MAX_NETWORKS]
    const reason = await this.#redis.eval(CLAIM, 1, key, kind, sha256(network), ...bounds)
    return reason === '' ? undefined : (reason as NoticeReason)
  }
}

/** Since the first of them. */
const COUNT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
`

/** ARGV: kind, network, now, seconds between two notices, lifetime, how many networks are kept. */
const CLAIM = `
local network = 'network:' .. ARGV[2]
local reason = 'replay'
if ARGV[1] == 'approval' then
  local fields = redis.call('HLEN', KEYS[1])
  local isKnown = redis.call('HEXISTS', KEYS[1], network) == 1
  reason = redis.call('HEXISTS', KEYS[1], 'approved') == 0 and 'first_approval' or isKnown and '' or 'new_network'
  redis.call('HSET', KEYS[1], 'approved', ARGV[3])
  if isKnown or fields < tonumber(ARGV[6]) then redis.call('HSET', KEYS[1], network, ARGV[3]) end
end
local told = tonumber(redis.call('HGET', KEYS[1], 'told') or '0')
if reason ~= '' and tonumber(ARGV[3]) - told < tonumber(ARGV[4]) then reason = '' end
if reason ~= '' then redis.call('HSET', KEYS[1], 'told', ARGV[3]) end
redis.call('EXPIRE', KEYS[1], ARGV[5])
return reason
`
