import type { Context, Middleware } from 'koa'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import type { Log } from '../../core/log/log.ts'
import { countedNetworks, type CountedNetwork } from '../../core/network/client-address.ts'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { OAuthError } from '../oauth/errors.ts'
import { addressOf } from './client-address.ts'
import { RateLimiter, StoreAtCapacity, TooManyRequests } from './rate-limiter.ts'

/** Wrong attempts, each counted by address and by client. */
type Attempt = 'tokenFailures' | 'codeGuesses' | 'pastedCodes'
type Kind = Attempt | 'authorize'

/** All requests that did not come through Envoy, which names the address of every other. */
const UNKNOWN: readonly CountedNetwork[] = [{ network: 'unknown', shares: 1 }]
/** The transactions of all clients and addresses count together. */
const ALL = 'all'

interface RateLimitsParts {
  readonly limiter: RateLimiter
  readonly exempt: readonly EgressRange[]
  readonly log: Log
}

/** Refuses requests that come too often. */
export class RateLimits {
  readonly #limiter: RateLimiter
  readonly #exempt: readonly EgressRange[]
  readonly #log: Log

  constructor({ limiter, exempt, log }: RateLimitsParts) {
    this.#limiter = limiter
    this.#exempt = exempt
    this.#log = log
  }

  /** Each registration counts, by address: a client has no name of its own yet. */
  registrations(): Middleware {
    return this.#before((ctx) => this.#takeByAddress(ctx, 'register'))
  }

  /**
   * Each authorization request counts by address; a form must have been read before. By client it only raises an
   * alarm: a client's users must not be refused for requests that others send in its name.
   */
  authorizations(): Middleware {
    return this.#before(async (ctx) => {
      await this.#takeByAddress(ctx, 'authorize')
      const clientId = firstOf(`${ctx.querystring}&${bodyOf(ctx)}`, 'client_id')
      if (clientId !== undefined) await this.#countForClient('authorize', clientId)
    })
  }

  /**
   * Something begins that the store keeps for ten minutes, at the wish of a request that has shown no account.
   *
   * @throws StoreAtCapacity where too many are open already, of all clients and addresses together
   */
  async beginTransaction(): Promise<void> {
    const { retryAfterSeconds, isFirstOver } = await this.#limiter.count('openTransactions', ALL)
    if (retryAfterSeconds === undefined) return
    if (isFirstOver) {
      const alarm = { alarm: 'open_transactions' }
      this.#log.error(alarm, 'RATE_LIMIT_OPEN_TRANSACTIONS was reached: new sign-ins get 503')
    }
    throw new StoreAtCapacity(retryAfterSeconds)
  }

  /** Each load of a sign-in's pages and each form sent from them counts, by address. */
  pages(): Middleware {
    return this.#before((ctx) => this.#takeByAddress(ctx, 'pages'))
  }

  /**
   * A request for a page of a person's own, by nobody whom we know, counts as an authorization request does, by
   * address. Who is known is not counted: nobody keeps others from ending access by asking often.
   *
   * @throws TooManyRequests when it is one too many
   */
  async takeStranger(ctx: Context): Promise<void> {
    await this.#takeByAddress(ctx, 'authorize')
  }

  /**
   * Each refusal counts, and after too many of them is replaced by a 429. An address that has used up its failures is
   * heard only with a token or code that the store knows: people behind it go on, and guesses cost a look-up.
   *
   * @param isKnown - whether a request brings one
   */
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
        if (error instanceof OAuthError) await take(ctx, kindOf(ctx, error), presentedClient(ctx))
        throw error
      }
    }
  }

  /**
   * Counts one attempt.
   *
   * @throws TooManyRequests where the address made too many; and where too many were made in the client's name, if
   *   this address made others before it. A client's users are not refused for attempts from elsewhere.
   */
  readonly take = async (ctx: Context, kind: Attempt, clientId: string | undefined): Promise<void> => {
    const fromHere = await this.#takeByAddress(ctx, kind)
    if (clientId === undefined) return
    const retryAfterSeconds = await this.#countForClient(kind, clientId)
    if (retryAfterSeconds !== undefined && fromHere > 1) throw new TooManyRequests(retryAfterSeconds)
  }

  /** Which attempts the address of a token request has used up; undefined where none. Counts nothing. */
  async #spentAttempts(ctx: Context): Promise<Attempt | undefined> {
    const kinds: Attempt[] = isCodeGrant(ctx) ? ['codeGuesses', 'tokenFailures'] : ['tokenFailures']
    const networks = this.#networksOf(ctx)
    const asked = kinds.flatMap((kind) =>
      networks.map(async (network) => ((await this.#limiter.isSpent(kind, network)) ? kind : undefined)),
    )
    return (await Promise.all(asked)).find((kind) => kind !== undefined)
  }

  /** It was none of those that count, as it turned out. */
  async giveBack(ctx: Context, kind: Attempt, clientId: string | undefined): Promise<void> {
    for (const network of this.#networksOf(ctx)) await this.#limiter.giveBack(kind, network)
    if (clientId !== undefined) {
      await this.#limiter.giveBack(`${kind}PerClient`, { network: clientId, shares: 1 })
    }
  }

  /** @returns how many came from the address, this one included; 0 for one that the operator exempts */
  async #takeByAddress(ctx: Context, kind: Kind | 'register' | 'pages'): Promise<number> {
    const counts: number[] = []
    for (const network of this.#networksOf(ctx)) counts.push(await this.#limiter.take(kind, network))
    return counts[0] ?? 0
  }

  /** @returns seconds until it is below its limit again, where it is above */
  async #countForClient(kind: Kind, clientId: string): Promise<number | undefined> {
    const limit = `${kind}PerClient` as const
    const { retryAfterSeconds, isFirstOver } = await this.#limiter.count(limit, clientId)
    if (isFirstOver) {
      const client = fingerprintOf(clientId)
      this.#log.error(
        { alarm: 'client_limit', limit, client },
        'the rate limit of a client was reached: many addresses send requests in its name',
      )
    }
    return retryAfterSeconds
  }

  /** Empty for an address that the operator exempts. */
  #networksOf(ctx: Context): readonly CountedNetwork[] {
    const address = addressOf(ctx)
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

/** In whose name a form was sent, true or not: in the body, or by HTTP Basic. */
function presentedClient(ctx: Context): string | undefined {
  const [, basic = ''] = /^basic +([a-z0-9+/=]+)$/i.exec(ctx.get('Authorization')) ?? []
  const [user = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return firstOf(bodyOf(ctx), 'client_id') ?? (user === '' ? undefined : user)
}

function bodyOf(ctx: Context): string {
  return typeof ctx.request.body === 'string' ? ctx.request.body : ''
}

/** The value that counts: an empty one is as good as absent (RFC 6749 section 3.1). */
function firstOf(parameters: string, name: string): string | undefined {
  return new URLSearchParams(parameters).getAll(name).find((value) => value !== '')
}
