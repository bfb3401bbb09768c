import type { AccessTokenClaims, VerifiedToken } from '../../core/tokens/access-token.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { audienceOf, type Service } from '../../core/services/service.ts'
import { readBearer } from '../decide/bearer.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { findRoute, type Route } from '../decide/route.ts'
import { isApiKey } from '../api-keys/api-key.ts'
import type { ApiKeys } from '../api-keys/create-api-keys.ts'
import type { IsBlockedClient } from '../decide/blocked-clients.ts'
import type { Caller } from './caller.ts'
import type { HeldSession } from '../sessions/held-session.ts'
import type { PersonChecks } from '../registry/person-checks.ts'
import type { SessionCache } from '../sessions/session-cache.ts'
import type { TokenVerifier } from '../tokens/token-verifier.ts'
import type { UnknownSigners } from '../tokens/unknown-signers.ts'
import { readRequest, type CheckRequest, type RequestFacts } from '../envoy/check-request.ts'
import { answer } from './answer.ts'
import { respond, type CheckResponse } from '../envoy/check-response.ts'
import { judgeApiKey } from './judge-api-key.ts'
import { report } from '../envoy/report.ts'

export interface CheckParts {
  /** Of the Connect host: issuer, and where the audiences are. */
  readonly origin: string
  readonly services: readonly Service[]
  readonly sealingKeys: KeyRing
  readonly tokens: TokenVerifier
  readonly unknownSigners: UnknownSigners
  readonly sessions: SessionCache
  readonly persons: PersonChecks
  readonly isBlockedClient: IsBlockedClient
  /** Undefined where none are taken. */
  readonly apiKeys: ApiKeys | undefined
  /** How long a stream may last that its client resumes, in milliseconds. */
  readonly longestStreamMs: number
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/** Answers one CheckRequest. Never rejects: an error of our own is a response too. */
export type Check = (request: CheckRequest, caller: Caller) => Promise<CheckResponse>

/** A token that may be anything, and the request that came with it. */
interface Presented {
  readonly facts: RequestFacts
  readonly route: Route
  readonly token: string
  /** When the request came in, by `elapsedMs`. */
  readonly begunMs: number
}

/** A genuine token of a session, and the request that came with it. */
interface Shown {
  readonly facts: RequestFacts
  readonly route: Route
  readonly audience: string
  readonly claims: AccessTokenClaims
}

/** Who is this, and may they pass: one request, one decision, one line in the log. */
export function createCheck(parts: CheckParts): Check {
  return async function check(request, caller) {
    const facts = readRequest(request)
    const route = findRoute(parts.services, facts.context)
    return await answer({
      route,
      caller,
      judge: () => judge(facts, route, caller),
      reply: (decision) => reply(facts, decision),
    })
  }

  async function judge(facts: RequestFacts, route: Route | undefined, caller: Caller): Promise<Decision> {
    if (route === undefined) return { verdict: 'deny', reason: 'no_service' }
    const begunMs = parts.elapsedMs()
    const credential = readBearer(facts.authorization)
    if (credential.kind === 'unusable') return { verdict: 'deny', reason: credential.reason, route }

    const { token } = credential
    if (!isApiKey(token)) return await judgeToken({ facts, route, token, begunMs }, caller)
    const { apiKeys, longestStreamMs } = parts
    return await judgeApiKey(apiKeys, { facts, route, key: token, begunMs, longestStreamMs })
  }

  async function judgeToken({ token, begunMs, ...asked }: Presented, caller: Caller): Promise<Decision> {
    const { route } = asked
    const audience = audienceOf(parts.origin, route.service)
    const { clientAddress } = asked.facts
    const verified = await parts.tokens.verify(token, { audience, caller, clientAddress })
    if (verified === 'busy') return { verdict: 'error', reason: 'too_many_new_tokens', route }
    if (!verified.ok) return await refusal(verified, route)

    const { claims } = verified
    const shown = { ...asked, audience, claims }
    const held = await parts.sessions.find(claims.sid, caller)
    const decision = judgeSession(shown, held)
    if (held === undefined || decision.verdict !== 'allow') return decision

    // Last, as the Registry is asked on behalf of those alone who may otherwise pass.
    if (parts.persons.isFresh(held)) return decision
    const { credential: quilt, party } = decision
    const standing = await parts.persons.standing(held, quilt.token, begunMs)
    if (standing === 'refused') return { verdict: 'deny', reason: 'person_refused', route, party }
    if (standing === 'unknown') return { verdict: 'error', reason: 'registry_unavailable', route, party }
    // Waiting took a while: the session may have ended meanwhile, and whoever ended it been told that it has.
    return judgeSession(shown, await parts.sessions.find(claims.sid, caller))
  }

  async function refusal(
    { fault, unknownKey }: Extract<VerifiedToken, { ok: false }>,
    route: Route,
  ): Promise<Decision> {
    if (unknownKey !== undefined && (await parts.unknownSigners.signs(unknownKey))) {
      return { verdict: 'error', reason: 'signing_key_missing', route }
    }
    return { verdict: 'deny', reason: `token_${fault}`, route }
  }

  function judgeSession({ facts, ...shown }: Shown, held: HeldSession | undefined): Decision {
    const { route, claims } = shown
    if (held === undefined) {
      const party = { subject: claims.sub, client: claims.client_id }
      return { verdict: 'deny', reason: 'session_ended', route, party }
    }
    const { session } = held
    const opened = held.open(parts.sealingKeys, claims.k)
    const times = { longestStreamMs: parts.longestStreamMs, nowMs: parts.nowMs() }
    const isBlockedClient = parts.isBlockedClient(session)
    return decide({ ...facts, ...shown, ...times, session, isBlockedClient, opened })
  }

  function reply(facts: RequestFacts, decision: Decision): CheckResponse {
    const response = respond(decision, parts.origin)
    report(parts.log, facts, decision)
    return response
  }
}
