import { isIPv4 } from 'node:net'
import type { Context, Middleware } from 'koa'
import { callerAt } from '../../core/network/client-address.ts'
import type { EgressRange } from '../client-network.ts'
import { OAuthError } from '../oauth/errors.ts'
import { addressOf } from './client-address.ts'
import { RateLimiter } from './rate-limiter.ts'

/** What is limited, each by address and by client. */
type Kind = 'authorize' | 'tokenFailures' | 'codeGuesses' | 'pastedCodes'

/** All who did not come through Envoy, which names everybody else. */
const UNKNOWN = 'unknown'

/** Says when somebody tries too often. */
export class RateLimits {
  readonly #limiter: RateLimiter
  readonly #exempt: readonly EgressRange[]

  constructor(limiter: RateLimiter, exempt: readonly EgressRange[]) {
    this.#limiter = limiter
    this.#exempt = exempt
  }

  /** Each registration counts, by address: a client has no name of its own yet. */
  registrations(): Middleware {
    return this.#before((ctx) => this.#takeByAddress(ctx, 'register'))
  }

  /** Each authorization request counts; a form must have been read before. */
  authorizations(): Middleware {
    return this.#before((ctx) =>
      this.take(ctx, 'authorize', firstOf(`${ctx.querystring}&${bodyOf(ctx)}`, 'client_id')),
    )
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
   * Each refusal counts, and after too many of them is replaced by a 429. What is granted never is: nobody is
   * shut out by another one's failures behind the same address, or in the name of the same client.
   */
  failures(): Middleware {
    const { take } = this
    return async function failuresCount(ctx, next) {
      try {
        await next()
      } catch (error) {
        if (error instanceof OAuthError) await take(ctx, kindOf(ctx, error), presentedClient(ctx))
        throw error
      }
    }
  }

  /**
   * Counts one.
   *
   * @throws TooManyRequests when it is one too many
   */
  readonly take = async (ctx: Context, kind: Kind, clientId: string | undefined): Promise<void> => {
    await this.#takeByAddress(ctx, kind)
    if (clientId !== undefined) await this.#limiter.take(`${kind}PerClient`, clientId)
  }

  /** It was none of those that count, as it turned out. */
  async giveBack(ctx: Context, kind: Kind, clientId: string | undefined): Promise<void> {
    const caller = this.#callerOf(ctx)
    if (caller !== undefined) await this.#limiter.giveBack(kind, caller)
    if (clientId !== undefined) await this.#limiter.giveBack(`${kind}PerClient`, clientId)
  }

  async #takeByAddress(ctx: Context, kind: Kind | 'register' | 'pages'): Promise<void> {
    const caller = this.#callerOf(ctx)
    if (caller !== undefined) await this.#limiter.take(kind, caller)
  }

  /** Undefined for whom the operator exempts. */
  #callerOf(ctx: Context): string | undefined {
    const address = addressOf(ctx)
    if (address === undefined) return UNKNOWN
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    const isExempt = this.#exempt.some(({ addresses }) => addresses.check(address, family))
    return isExempt ? undefined : callerAt(address)
  }

  #before(take: (ctx: Context) => Promise<void>): Middleware {
    return async function limited(ctx, next) {
      await take(ctx)
      await next()
    }
  }
}

function kindOf(ctx: Context, { code }: OAuthError): Kind {
  const isForCode = firstOf(bodyOf(ctx), 'grant_type') === 'authorization_code'
  return isForCode && code === 'invalid_grant' ? 'codeGuesses' : 'tokenFailures'
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

function firstOf(parameters: string, name: string): string | undefined {
  return new URLSearchParams(parameters).get(name) ?? undefined
}
