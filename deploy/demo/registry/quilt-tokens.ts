import { createHmac, randomUUID } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Account, Accounts } from './accounts.ts'
import { notAuthenticated } from './refusal.ts'

export interface QuiltTokenOptions {
  readonly accounts: Accounts
  /** Tokens stay valid across restarts with the same secret. */
  readonly secret: string
  readonly tokenSeconds: () => number
  readonly now: () => number
}

interface IssuedToken {
  readonly token: string
  readonly lifetimeSeconds: number
  /** Seconds since 1970. */
  readonly expiresAt: number
}

/** Quilt's own tokens. Methods throw Refusal 401 for one that is not valid. */
export interface QuiltTokens {
  /** @param refreshToken - of the token, if it has one */
  issue(account: Account, refreshToken?: string): Promise<IssuedToken>
  ownerOf(token: string): Promise<Account>
  /** Ends this token only; returns its refresh token. */
  end(token: string): Promise<string | undefined>
}

const claimsSchema = z.object({ id: z.string(), uuid: z.string() })
type Claims = z.output<typeof claimsSchema>

/** HS256 JWTs with `id`, `uuid` and `exp`. The role belongs to the account, not to the token. */
export function quiltTokens({ accounts, secret, tokenSeconds, now }: QuiltTokenOptions): QuiltTokens {
  const key = createHmac('sha256', secret).update('Quilt tokens of the demo Registry').digest()
  /** By `uuid`. */
  const ended = new Set<string>()
  const refreshTokens = new Map<string, string>()

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
    async issue(account, refreshToken) {
      const uuid = randomUUID()
      const lifetimeSeconds = tokenSeconds()
      const expiresAt = now() + lifetimeSeconds
      const token = await new SignJWT({ id: account.person.quilt.id, uuid })
        .setProtectedHeader({ typ: 'JWT', alg: 'HS256' })
        .setExpirationTime(expiresAt)
        .sign(key)
      if (refreshToken !== undefined) refreshTokens.set(uuid, refreshToken)
      return { token, lifetimeSeconds, expiresAt }
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
      return refreshTokens.get(uuid)
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
