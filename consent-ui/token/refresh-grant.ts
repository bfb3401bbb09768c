import type { Audit } from '../../core/audit/audit-entry.ts'
import { audienceOf } from '../../core/services/service.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { SessionLists } from '../store/session-lists.ts'
import type { RequestingClient } from './client-request.ts'
import type { CurrentCredentials } from './current-credentials.ts'
import type { RefreshTokens } from './refresh-rotation.ts'
import { invalidRefreshToken } from './require-grant.ts'
import type { TokenResponse, TokenResponses } from './token-responses.ts'
import type { UserStatusCheck } from './user-status-check.ts'

interface RefreshGrantDependencies {
  readonly origin: string
  readonly serviceOf: ResourceLookup
  readonly sessions: SessionStore
  readonly sessionLists: SessionLists
  readonly refreshTokens: RefreshTokens
  readonly currentCredentials: CurrentCredentials
  readonly userStatusCheck: UserStatusCheck
  readonly tokenResponses: TokenResponses
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
  readonly now: () => number
}

/** `grant_type=refresh_token`: exchanges a refresh token for its successor; a repeated exchange gets the same one. */
export class RefreshGrant {
  readonly #dependencies: RefreshGrantDependencies

  constructor(dependencies: RefreshGrantDependencies) {
    this.#dependencies = dependencies
  }

  async refresh(parameters: Parameters, client: RequestingClient): Promise<TokenResponse> {
    const {
      sessions,
      sessionLists,
      refreshTokens,
      currentCredentials,
      userStatusCheck,
      tokenResponses,
      audit,
      now,
    } = this.#dependencies
    const token = readRefreshToken(required(parameters, 'refresh_token'))
    const session = token === undefined ? undefined : await sessions.find(token.sessionId)
    if (token === undefined || session?.clientId !== client.clientId) throw invalidRefreshToken()
    if (session.expiresAt <= now()) throw invalidRefreshToken()
    this.#requireGrantedResource(parameters, session)
    const sent = { token, session, client }
    // First, so that a refused token causes no request to the Registry or the identity provider.
    await refreshTokens.requireAccepted(sent)
    const current = await currentCredentials.currentCredential(session.id, token.share)
    if (current === undefined || (await userStatusCheck.endIfUserInactive(current)) === 'ended') {
      throw invalidRefreshToken()
    }
    await sessionLists.enter(session)
    const refreshToken = await refreshTokens.exchange(sent)
    this.#dependencies.metrics.sessionRefreshed()
    audit.record({ name: 'SessionRefreshed', by: 'client', ...aboutSession(current.session) })
    return await tokenResponses.tokenResponse(current.session, {
      share: token.share,
      refreshToken,
      credential: current.credential,
    })
  }

  /** `scope` is ignored: the session keeps its scope (RFC 6749 section 6). */
  #requireGrantedResource(parameters: Parameters, session: Session): void {
    const { origin, serviceOf } = this.#dependencies
    const resource = parameters.get('resource')
    if (resource === undefined || audienceOf(origin, serviceOf(resource)) === session.resource) return
    throw new OAuthError('invalid_target', 'resource is not the one that was granted')
  }
}
