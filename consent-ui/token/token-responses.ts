import type { QuiltCredential, Session } from '../../core/sessions/session.ts'
import { issueAccessToken, type TokenIssuer } from '../oauth/issue-access-token.ts'
import { writeRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'

/** A successful response (RFC 6749 section 5.1). */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope: string
}

interface TokenResponsesDependencies {
  readonly tokenIssuer: TokenIssuer
  readonly accessTokenSeconds: number
  readonly now: () => number
}

/** What a session's tokens are made of. */
interface Granted {
  /** The share `k` of its tokens. */
  readonly share: string
  readonly credential: QuiltCredential
  /** Absent for a session that cannot be refreshed. */
  readonly refreshToken?: RefreshToken
}

/** Issues access tokens, which never outlive the session or its Quilt credential. */
export class TokenResponses {
  readonly #dependencies: TokenResponsesDependencies

  constructor(dependencies: TokenResponsesDependencies) {
    this.#dependencies = dependencies
  }

  async tokenResponse(session: Session, granted: Granted): Promise<TokenResponse> {
    const { tokenIssuer, accessTokenSeconds } = this.#dependencies
    const now = this.#dependencies.now()
    const end = Math.min(session.expiresAt, granted.credential.expiresAt)
    const seconds = Math.min(accessTokenSeconds, end - now)
    const { share, refreshToken } = granted
    return {
      access_token: await issueAccessToken(tokenIssuer, { session, share }, { now, seconds }),
      token_type: 'Bearer',
      expires_in: seconds,
      ...(refreshToken === undefined ? {} : { refresh_token: writeRefreshToken(refreshToken) }),
      scope: session.scope,
    }
  }
}
