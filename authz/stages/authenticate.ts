import type { AccessTokenClaims, VerifiedToken } from '../../core/tokens/access-token.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { withRequestId } from '../../core/log/request-context.ts'
import { audienceOf, type Service } from '../../core/services/service.ts'
import { readBearer } from '../decide/bearer.ts'
import { decide } from '../decide/decide.ts'
import type { Allowed, Decision } from '../decide/decision.ts'
import { findRoute, type Route } from '../decide/route.ts'
import { isApiKey } from '../api-keys/api-key.ts'
import type { ApiKeys } from '../api-keys/key-checks.ts'
import type { IsBlockedClient } from '../decide/blocked-clients.ts'
import type { Caller } from '../limits/caller.ts'
import type { CheckMetrics } from '../metrics/check-metrics.ts'
import type { DecisionAudit } from '../audit/decision-audit.ts'
import { DecisionLog } from '../audit/decision-log.ts'
import type { CachedSession } from '../sessions/cached-session.ts'
import type { UserStatusChecks } from '../registry/user-status-checks.ts'
import type { SessionUses } from '../sessions/session-uses.ts'
import type { SessionCache, SessionLookup } from '../sessions/session-cache.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { UnknownSigners } from '../tokens/unknown-signers.ts'
import { readAuthenticateRequest, type AuthenticateRequest } from '../envoy/check-request.ts'
import { respond, type CheckResponse } from '../envoy/check-response.ts'
import { annotateCheck, failedCheck, isStoppedNow, type Check } from './check.ts'
import { judgeApiKey } from './judge-api-key.ts'

export interface AuthenticateDependencies {
  readonly origin: string
  readonly services: readonly Service[]
  readonly sealingKeys: KeyRing
  readonly tokens: TokenVerifier
  readonly unknownSigners: UnknownSigners
  readonly sessions: SessionCache
  readonly persons: UserStatusChecks
  readonly isBlockedClient: IsBlockedClient
  readonly controls: Controls
  readonly apiKeys: ApiKeys | undefined
  readonly maxStreamMs: number
  readonly metrics: CheckMetrics | undefined
  readonly audit: DecisionAudit
  readonly uses: SessionUses
  readonly log: Log
  readonly nowMs: () => number
  readonly elapsedMs: () => number
}

/** One check under way. */
interface Asked {
  readonly request: AuthenticateRequest
  readonly route: Route | undefined
  readonly caller: Caller
  readonly begunMs: number
  /** Filled in by the session cache. */
  readonly lookup: SessionLookup
}

interface VerifiedRequest {
  readonly request: AuthenticateRequest
  readonly route: Route
  readonly audience: string
  readonly claims: AccessTokenClaims
}

export function createAuthenticate(dependencies: AuthenticateDependencies): Check {
  const {
    origin,
    services,
    sealingKeys,
    controls,
    sessions,
    persons,
    maxStreamMs,
    metrics,
    audit,
    uses,
    log,
    nowMs,
    elapsedMs,
  } = dependencies

  const decisions = new DecisionLog(log, elapsedMs)

  return async function authenticate(message, caller) {
    const begunMs = elapsedMs()
    const request = readAuthenticateRequest(message)
    const route = findRoute(services, request.context)
    const asked: Asked = { request, route, caller, begunMs, lookup: {} }
    try {
      const decision = await withRequestId(request.id, () => judge(asked))
      return reply(asked, caller.isGone ? { verdict: 'error', reason: 'too_late', route } : decision)
    } catch (cause) {
      return reply(asked, failedCheck(cause, route))
    }
  }

  async function judge(asked: Asked): Promise<Decision> {
    const { request, route, begunMs } = asked
    if (route === undefined) return { verdict: 'deny', reason: 'no_service' }
    if (controls.isStopped(route.service.name)) return { verdict: 'deny', reason: 'stopped', route }
    const credential = readBearer(request.authorization)
    if (credential.kind === 'unusable') return { verdict: 'deny', reason: credential.reason, route }

    const { token } = credential
    if (!isApiKey(token)) return await judgeToken(asked, route, token)
    if (await isStoppedNow(controls, route)) return { verdict: 'deny', reason: 'stopped', route }
    return await judgeApiKey(dependencies.apiKeys, { request, route, key: token, begunMs, maxStreamMs })
  }

  async function judgeToken(
    { request, caller, begunMs, lookup }: Asked,
    route: Route,
    token: string,
  ): Promise<Decision> {
    const audience = audienceOf(origin, route.service)
    const { clientAddress } = request
    const verified = await dependencies.tokens.verify(token, { audience, caller, clientAddress })
    if (verified === 'busy') return { verdict: 'error', reason: 'too_many_new_tokens', route }
    if (!verified.ok) return await decideFault(verified, route)
    if (await isStoppedNow(controls, route)) return { verdict: 'deny', reason: 'stopped', route }

    const { claims } = verified
    const verifiedRequest = { request, route, audience, claims }
    const session = await sessions.find(claims.sid, caller, lookup)
    const decision = judgeSession(verifiedRequest, session)
    if (session === undefined || decision.verdict !== 'allow') return decision

    // The Registry is asked last, only for requests that may otherwise pass.
    if (persons.isFresh(session)) return decision
    const { credential, identity } = decision
    const status = await persons.check(session, credential.token, begunMs)
    if (status === 'refused') return { verdict: 'deny', reason: 'person_refused', route, identity }
    if (status === 'unknown') return { verdict: 'error', reason: 'registry_unavailable', route, identity }
    // The session may have been revoked while the Registry was asked.
    return judgeSession(verifiedRequest, await sessions.find(claims.sid, caller, lookup))
  }

  async function decideFault(
    { fault, unknownKey }: Extract<VerifiedToken, { ok: false }>,
    route: Route,
  ): Promise<Decision> {
    if (unknownKey !== undefined && (await dependencies.unknownSigners.signs(unknownKey))) {
      return { verdict: 'error', reason: 'signing_key_missing', route }
    }
    return { verdict: 'deny', reason: `token_${fault}`, route }
  }

  function judgeSession(
    { request, route, audience, claims }: VerifiedRequest,
    cached: CachedSession | undefined,
  ): Decision {
    if (cached === undefined) {
      const identity = { subject: claims.sub, client: claims.client_id }
      return { verdict: 'deny', reason: 'session_ended', route, identity }
    }
    const { session } = cached
    return decide({
      method: request.method,
      headerNames: request.headerNames,
      mcpMethods: request.mcpMethods,
      route,
      audience,
      claims,
      session,
      isBlockedClient: dependencies.isBlockedClient(session),
      opened: cached.open(sealingKeys, claims.k),
      maxStreamMs,
      nowMs: nowMs(),
    })
  }

  function reply({ request, begunMs, lookup }: Asked, judged: Decision): CheckResponse {
    const decision = audit.require(judged)
    const response = respond(decision, origin)
    const milliseconds = elapsedMs() - begunMs
    decisions.authenticated(decision, { request, lookup, milliseconds })
    audit.authenticated(request, decision)
    if (decision.verdict === 'allow' && decision.session !== undefined) {
      uses.note(decision.session, toolOf(request, decision))
    }
    annotateCheck(decision)
    metrics?.decided('authenticate', decision, milliseconds)
    return response
  }
}

/** Of a full session, whose body authz does not read: the header is the client's word. */
function toolOf({ mcpMethods, mcpNames }: AuthenticateRequest, { toolAccess }: Allowed): string | undefined {
  return toolAccess === 'not_needed' && mcpMethods[0] === 'tools/call' ? mcpNames[0] : undefined
}
