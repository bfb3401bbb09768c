import { createHmac, randomUUID } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Account, Accounts } from './accounts.ts'
import { notAuthenticated } from './refusal.ts'

export interface QuiltTokenOptions {
  readonly accounts: Accounts
  /** Tokens outlive a restart with the same one. */
  readonly secret: string
  /** Read each time that a token is issued. */
  readonly tokenSeconds: () => number
  readonly now: () => number
}

interface IssuedToken {
  readonly token: string
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** Quilt's own tokens. A token that opens nothing throws a 401 Refusal. */
export interface QuiltTokens {
  /** @param renewal - what renews the token, where something does */
  issue(account: Account, renewal?: string): Promise<IssuedToken>
  ownerOf(token: string): Promise<Account>
  /**
   * Logs this one token out; others of the same person stay.
   *
   * @returns what renewed it
   */
  end(token: string): Promise<string | undefined>
}

const claimsSchema = z.object({ id: z.string(), uuid: z.string() })
type Claims = z.output<typeof claimsSchema>

/**
 * HS256 JWTs with exactly `id`, `uuid` and `exp`. The role isn't in the token: it is the account's, for all tokens
 * at once.
 */
export function quiltTokens({ accounts, secret, tokenSeconds, now }: QuiltTokenOptions): QuiltTokens {
  const key = createHmac('sha256', secret).update('Quilt tokens of the demo Registry').digest()
  /** By `uuid`. */
  const ended = new Set<string>()
  const renewals = new Map<string, string>()

  async function claimsOf(token: string): Promise<Claims> {
    if (!isJwt(token)) throw notAuthenticated('Token could not be deserialized')
    try {
      const currentDate = new Date(now() * 1000)
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        currentDate,
        requiredClaims: ['exp'],
      })
      const claims = claimsSchema.parse(payload)
      if (!ended.has(claims.uuid)) return claims
    } catch (cause) {
      throw Object.assign(notAuthenticated('Token invalid.'), { cause })
    }
    throw notAuthenticated('Token invalid.')
  }

  return {
    async issue(account, renewal) {
      const uuid = randomUUID()
      const expiresAt = now() + tokenSeconds()
      const token = await new SignJWT({ id: account.person.quilt.id, uuid })
        .setProtectedHeader({ typ: 'JWT', alg: 'HS256' })
        .setExpirationTime(expiresAt)
        .sign(key)
      if (renewal !== undefined) renewals.set(uuid, renewal)
      return { token, expiresAt }
    },

    async ownerOf(token) {
      const { id } = await claimsOf(token)
      const account = accounts.withId(id)
      if (account === undefined) throw notAuthenticated('Token invalid.')
      return account
    },

    async end(token) {
      const { uuid } = await claimsOf(token)
      ended.add(uuid)
      return renewals.get(uuid)
    },
  }
}

function isJwt(token: string): boolean {
  try {
    return decodeProtectedHeader(token).alg !== undefined
  } catch {
    return false
  }
}
