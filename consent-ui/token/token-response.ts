import type { Service } from '../../core/services/service.ts'
import type { QuiltCredential, Session } from '../../core/sessions/session.ts'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import { issueAccessToken, type TokenIssuer } from '../oauth/issue-access-token.ts'
import { writeRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { ReplayAlarms } from '../metrics/replay-alarms.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { ContestedSessions } from '../store/contested-sessions.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import type { RenewParts } from './current-credential.ts'

export interface GrantParts extends RenewParts {
  /** Where the audiences of tokens are. */
  readonly origin: string
  readonly codes: CodeStore
  readonly personSessions: PersonSessions
  readonly contested: ContestedSessions
  readonly registryUrl: URL
  readonly tokenIssuer: TokenIssuer
  readonly services: readonly Service[]
  readonly serviceOf: ResourceLookup
  readonly lifetimes: SessionLifetimes
  readonly egressRanges: readonly EgressRange[]
  readonly alarms: ReplayAlarms
}

/** A successful answer (RFC 6749 section 5.1). */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token: string
  readonly scope: string
}

/** Makes the answer: the access token never outlives the session or the Quilt credential behind it. */
export async function tokenResponse(
  { tokenIssuer, accessTokenSeconds, ...parts }: GrantParts,
  session: Session,
  granted: { readonly refreshToken: RefreshToken; readonly credential: QuiltCredential },
): Promise<TokenResponse> {
  const now = parts.now()
  const end = Math.min(session.expiresAt, granted.credential.expiresAt)
  const seconds = Math.min(accessTokenSeconds, end - now)
  const { share } = granted.refreshToken
  return {
    access_token: await issueAccessToken(tokenIssuer, { session, share }, { now, seconds }),
    token_type: 'Bearer',
    expires_in: seconds,
    refresh_token: writeRefreshToken(granted.refreshToken),
    scope: session.scope,
  }
}
