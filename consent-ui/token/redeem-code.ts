import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import { audienceOf, serviceNamed } from '../../core/services/service.ts'
import { sealCredential, type Session } from '../../core/sessions/session.ts'
import { CODE_SECONDS, USED_CODE_SECONDS } from '../lifetimes.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { verifies } from '../oauth/pkce.ts'
import { sealRenewal } from '../quilt/sealed-renewal.ts'
import { firstRefreshToken, writeRefreshToken } from '../oauth/refresh-token.ts'
import { beginHistory, networkTag, writeHistory } from '../oauth/refresh-history.ts'
import { quiltUser } from '../store/link-store.ts'
import { usedMarker, type Approval, type IssuedCode, type KnownCode } from '../store/code-store.ts'
import type { Caller } from './caller.ts'
import { endSession } from '../sessions/end-session.ts'
import { usedCode } from './used-code.ts'
import { tokenResponse, type GrantParts, type TokenResponse } from './token-response.ts'

/** `grant_type=authorization_code`: everything is checked before the code is used up, so a wrong attempt costs nothing. */
export function redeemCode(parts: GrantParts) {
  const answerReplay = usedCode(parts)

  return async function authorizationCodeGrant(
    parameters: Parameters,
    caller: Caller,
  ): Promise<TokenResponse> {
    const found = await parts.codes.find(required(parameters, 'code'))
    if (found === undefined) throw invalidGrant()
    checkAgainstApproval(parameters, caller.clientId, found)
    if (found.state === 'used') {
      await answerReplay(found)
      throw invalidGrant()
    }
    // The store's clock lets codes go; ours decides, in case it comes back with old ones.
    if (found.approval.approvedAt + CODE_SECONDS <= parts.now()) throw invalidGrant()
    const share = randomSecret()
    const session = newSession(found, share)
    const end = Math.min(session.expiresAt, found.credential.expiresAt)
    // So that nothing passes which is no time at all.
    if (!(end > parts.now())) throw invalidGrant()
    const refreshToken = firstRefreshToken(session.id, share)
    const user = quiltUser({ registry: parts.registryUrl.origin, name: session.person.name })
    await enter(user, session)
    await endContested(session)
    const opened = await parts.sessions.openSession(
      {
        hash: found.hash,
        record: found.record,
        usedMarker: usedMarker(found.approval, parts.now()),
        usedSeconds: USED_CODE_SECONDS,
      },
      {
        session,
        refresh: {
          hash: sha256(writeRefreshToken(refreshToken)),
          generation: refreshToken.generation,
          keyId: parts.ring.current.id,
          history: writeHistory(beginHistory(networkTag(session.id, caller.network))),
        },
        ...sealedRenewalOf(found, session, share),
        idleSeconds: Math.min(parts.lifetimes.idleSeconds, session.expiresAt - parts.now()),
      },
    )
    if (!opened) throw invalidGrant()
    await endIfTakenBack(user, { session, approval: found.approval })
    return await tokenResponse(parts, session, { refreshToken, credential: found.credential })
  }

  function checkAgainstApproval(parameters: Parameters, clientId: string, { approval }: KnownCode): void {
    const sameClient = approval.clientId === clientId
    const redirectUri = parameters.get('redirect_uri')
    // OAuth 2.1 leaves it out, since the verifier binds the code to its request (draft, section 10.2).
    const sameUri = redirectUri === undefined || redirectUri === approval.redirectUri
    const sameVerifier = verifies(required(parameters, 'code_verifier'), approval.codeChallenge)
    if (!sameClient || !sameUri || !sameVerifier) throw invalidGrant()
    const resource = parameters.get('resource')
    if (resource !== undefined && parts.serviceOf(resource).name !== approval.service) {
      throw new OAuthError('invalid_target', 'resource is not the one that was approved')
    }
  }

  /** Before it opens: its person must be able to end every session that there is. */
  async function enter(user: string, { id, expiresAt }: Session): Promise<void> {
    const now = parts.now()
    await parts.personSessions.add(user, id, { now, seconds: expiresAt - now })
  }

  /**
   * Its person has approved the application again: of the sessions that two parties held, the owner's is over, and
   * the other party loses it.
   */
  async function endContested(session: Session): Promise<void> {
    for (const contested of await parts.contested.of(session)) {
      await endSession(
        parts,
        contested,
        'its refresh token was used from two networks, and its person approved again',
      )
    }
  }

  /**
   * After it has opened: what its person takes back from here on, they find in their list.
   *
   * @throws OAuthError for what they have taken back since they approved it
   */
  async function endIfTakenBack(
    user: string,
    { session, approval }: { readonly session: Session; readonly approval: Approval },
  ): Promise<void> {
    const takenBack = await parts.personSessions.lastTakenBack(user)
    if (takenBack === undefined || takenBack === approval.takenBack) return
    await endSession(parts, session, 'its person took access back before its code came')
    throw invalidGrant()
  }

  function newSession({ approval, credential }: IssuedCode, share: string): Session {
    const service = serviceNamed(parts.services, approval.service)
    const isRenewed = credential.renewWith !== undefined
    const session = {
      id: approval.sessionId,
      person: approval.person,
      clientId: approval.clientId,
      clientName: approval.clientName,
      resource: audienceOf(parts.origin, service),
      scope: approval.scope,
      access: approval.access,
      redirectUri: approval.redirectUri,
      createdAt: parts.now(),
      expiresAt: isRenewed ? approval.endsAt : Math.min(approval.endsAt, credential.expiresAt),
      // The Registry said who it is before the code was issued.
      checkedAt: approval.approvedAt,
    }
    const { token, expiresAt } = credential
    return sealCredential(parts.ring, session, { share, credential: { token, expiresAt } })
  }

  function sealedRenewalOf(
    { credential: { renewWith } }: IssuedCode,
    session: Session,
    share: string,
  ): { sealedRenewal?: string } {
    if (renewWith === undefined) return {}
    return { sealedRenewal: sealRenewal(parts.ring, session, { share, renewWith }) }
  }
}

/** One text for every fault of a grant: which check failed is nobody's business. */
export function invalidGrant(): OAuthError {
  return new OAuthError(
    'invalid_grant',
    'the code is unknown, used, expired, or was issued for another request',
  )
}
