import type { Context, Middleware } from 'koa'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import type { Log } from '../../core/log/log.ts'
import { countedNetworks, type CountedNetwork } from '../../core/network/client-address.ts'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { OAuthError } from '../oauth/errors.ts'
import { clientAddress } from './client-network.ts'
import { RateLimiter, StoreAtCapacity, TooManyRequests } from './rate-limiter.ts'

/** Failed attempts, counted by address and by client. */
type Attempt = 'tokenFailures' | 'codeGuesses' | 'pastedCodes'
type Kind = Attempt | 'authorize'

/** Requests without an address: they bypassed Envoy. */
const UNKNOWN: readonly CountedNetwork[] = [{ network: 'unknown', shares: 1 }]
/** Open transactions count together for all clients and addresses. */
const ALL = 'all'

interface RateLimitsDependencies {
  readonly limiter: RateLimiter
  readonly exempt: readonly EgressRange[]
  readonly log: Log
}

export class RateLimits {
  readonly #limiter: RateLimiter
  readonly #exempt: readonly EgressRange[]
  readonly #log: Log

  constructor({ limiter, exempt, log }: RateLimitsDependencies) {
    this.#limiter = limiter
    this.#exempt = exempt
    this.#log = log
  }

  /** Counts each registration, by address. */
  registrations(): Middleware {
    return this.#before((ctx) => this.#takeByAddress(ctx, 'register'))
  }

  /** By address, once a form is read. The client's count only raises an alarm: an attacker must not block its users. */
  authorizations(): Middleware {
    return this.#before(async (ctx) => {
      await this.#takeByAddress(ctx, 'authorize')
      const clientId = firstOf(`${ctx.querystring}&${bodyOf(ctx)}`, 'client_id')
      if (clientId !== undefined) await this.#countForClient('authorize', clientId)
    })
  }

  /** Counts a transaction, which an unauthenticated request may store. @throws StoreAtCapacity if too many are open */
  async beginTransaction(): Promise<void> {
    const { retryAfterSeconds, isFirstOver } = await this.#limiter.count('openTransactions', ALL)
    if (retryAfterSeconds === undefined) return
    if (isFirstOver) {
      const alarm = { alarm: 'open_transactions' }
      this.#log.error(alarm, 'RATE_LIMIT_OPEN_TRANSACTIONS reached: new sign-ins get 503')
    }
    throw new StoreAtCapacity(retryAfterSeconds)
  }

  /** Counts each request for a page of a sign-in, by address. */
  pages(): Middleware {
    return this.#before((ctx) => this.#takeByAddress(ctx, 'pages'))
  }

  /** By address. Signed-in users are not counted, so that they can always end access. @throws TooManyRequests */
  async takeUnknownUser(ctx: Context): Promise<void> {
    await this.#takeByAddress(ctx, 'authorize')
  }

  /** Counts a wrong key of a program of the operator, by address. @throws TooManyRequests */
  async takeCallerFailure(ctx: Context): Promise<void> {
    await this.#takeByAddress(ctx, 'callerFailures')
  }

  /** For a key that turned out to be right. */
  async giveBackCallerFailure(ctx: Context): Promise<void> {
    for (const network of this.#networksOf(ctx)) await this.#limiter.giveBack('callerFailures', network)
  }

  /** Counts refusals, up to 429. Over the limit only requests with a token or code in Redis (`isKnown`) are served. */
  failures(isKnown: (ctx: Context) => Promise<boolean>): Middleware {
    const { take } = this
    const refuseSpent = async (ctx: Context): Promise<void> => {
      const spent = await this.#spentAttempts(ctx)
      if (spent !== undefined && !(await isKnown(ctx))) await this.#takeByAddress(ctx, spent)
    }
    return async function failuresCount(ctx, next) {
      await refuseSpent(ctx)
      try {
        await next()
      } catch (error) {
        if (error instanceof OAuthError) await take(ctx, kindOf(ctx, error), claimedClient(ctx))
        throw error
      }
    }
  }

  /**
   * Counts one attempt.
   *
   * @throws TooManyRequests if the address made too many; also if the client did, but only for addresses that
   *   contributed, so that an attacker elsewhere cannot block the client's users
   */
  readonly take = async (ctx: Context, kind: Attempt, clientId: string | undefined): Promise<void> => {
    const fromHere = await this.#takeByAddress(ctx, kind)
    if (clientId === undefined) return
    const retryAfterSeconds = await this.#countForClient(kind, clientId)
    if (retryAfterSeconds !== undefined && fromHere > 1) throw new TooManyRequests(retryAfterSeconds)
  }

  /** The limit that the address has reached, if any. Counts nothing. */
  async #spentAttempts(ctx: Context): Promise<Attempt | undefined> {
    const kinds: Attempt[] = isCodeGrant(ctx) ? ['codeGuesses', 'tokenFailures'] : ['tokenFailures']
    const networks = this.#networksOf(ctx)
    const asked = kinds.flatMap((kind) =>
      networks.map(async (network) => ((await this.#limiter.isSpent(kind, network)) ? kind : undefined)),
    )
    return (await Promise.all(asked)).find((kind) => kind !== undefined)
  }

  async giveBack(ctx: Context, kind: Attempt, clientId: string | undefined): Promise<void> {
    for (const network of this.#networksOf(ctx)) await this.#limiter.giveBack(kind, network)
    if (clientId !== undefined) {
      await this.#limiter.giveBack(`${kind}PerClient`, { network: clientId, shares: 1 })
    }
  }

  /** @returns the count of the address, this one included; 0 if the operator exempts it */
  async #takeByAddress(ctx: Context, kind: Kind | 'register' | 'pages' | 'callerFailures'): Promise<number> {
    const counts: number[] = []
    for (const network of this.#networksOf(ctx)) counts.push(await this.#limiter.take(kind, network))
    return counts[0] ?? 0
  }

  /** @returns seconds until the client is below its limit again, if it is above */
  async #countForClient(kind: Kind, clientId: string): Promise<number | undefined> {
    const limit = `${kind}PerClient` as const
    const { retryAfterSeconds, isFirstOver } = await this.#limiter.count(limit, clientId)
    if (isFirstOver) {
      const client = fingerprintOf(clientId)
      this.#log.error(
        { alarm: 'client_limit', limit, client },
        'rate limit of a client reached: many addresses send requests in its name',
      )
    }
    return retryAfterSeconds
  }

  /** Empty if the operator exempts the address. */
  #networksOf(ctx: Context): readonly CountedNetwork[] {
    const address = clientAddress(ctx)
    if (address === undefined) return UNKNOWN
    return egressRangeOf(address, this.#exempt) === undefined ? countedNetworks(address) : []
  }

  #before(take: (ctx: Context) => Promise<unknown>): Middleware {
    return async function limited(ctx, next) {
      await take(ctx)
      await next()
    }
  }
}

function kindOf(ctx: Context, { code }: OAuthError): Attempt {
  return isCodeGrant(ctx) && code === 'invalid_grant' ? 'codeGuesses' : 'tokenFailures'
}

function isCodeGrant(ctx: Context): boolean {
  return firstOf(bodyOf(ctx), 'grant_type') === 'authorization_code'
}

/** The client id that a form claims, in the body or by HTTP Basic. */
function claimedClient(ctx: Context): string | undefined {
  const [, basic = ''] = /^basic +([a-z0-9+/=]+)$/i.exec(ctx.get('Authorization')) ?? []
  const [user = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return firstOf(bodyOf(ctx), 'client_id') ?? (user === '' ? undefined : user)
}

function bodyOf(ctx: Context): string {
  return typeof ctx.request.body === 'string' ? ctx.request.body : ''
}

/** The first value that is not empty: an empty one counts as absent (RFC 6749 section 3.1). */
function firstOf(parameters: string, name: string): string | undefined {
  return new URLSearchParams(parameters).getAll(name).find((value) => value !== '')
}
