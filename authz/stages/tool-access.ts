import { audienceOf, type McpService } from '../../core/services/service.ts'
import { judgeAccess } from '../read-access/judge-access.ts'
import { findRoute, type Route } from '../decide/route.ts'
import type { DenyReason } from '../decide/decision.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import { readToolAccessRequest, type ToolAccessRequest } from '../envoy/check-request.ts'
import { respond, type CheckResponse } from '../envoy/check-response.ts'
import { DecisionLog } from '../audit/decision-log.ts'
import type { Caller } from '../limits/caller.ts'
import type { SessionLookup } from '../sessions/session-cache.ts'
import type { AuthenticateDependencies } from './authenticate.ts'
import { annotateCheck, failedCheck, isStoppedNow, type Check } from './check.ts'

type ToolAccessDependencies = Pick<
  AuthenticateDependencies,
  | 'origin'
  | 'services'
  | 'sessions'
  | 'controls'
  | 'isBlockedClient'
  | 'metrics'
  | 'audit'
  | 'uses'
  | 'log'
  | 'nowMs'
  | 'elapsedMs'
>

interface Waiting {
  readonly caller: Caller
  readonly lookup: SessionLookup
}

/** The session is read again: it may have been revoked, or its client blocked, during a slow upload. */
export function createToolAccess({
  origin,
  services,
  sessions,
  controls,
  isBlockedClient,
  metrics,
  audit,
  uses,
  log,
  nowMs,
  elapsedMs,
}: ToolAccessDependencies): Check {
  const decisions = new DecisionLog(log, elapsedMs)

  return async function toolAccess(message, caller) {
    const begunMs = elapsedMs()
    const request = readToolAccessRequest(message)
    const route = findRoute(services, request.context)
    const circumstances = { begunMs, lookup: {} }
    try {
      const decision = await judge(request, route, { caller, ...circumstances })
      const judged = caller.isGone ? ({ verdict: 'error', reason: 'too_late', route } as const) : decision
      return reply(request, judged, circumstances)
    } catch (cause) {
      return reply(request, failedCheck(cause, route), circumstances)
    }
  }

  async function judge(
    { id: requestId, findings, request }: ToolAccessRequest,
    route: Route | undefined,
    { caller, lookup }: Waiting,
  ): Promise<ToolDecision> {
    if (route === undefined) return { verdict: 'deny', reason: 'no_service' }
    const { service } = route
    if (await isStoppedNow(controls, route)) return { verdict: 'deny', reason: 'stopped', route }
    // True on every route of ours: authenticate comes first, on the same route.
    const isExpected = findings.get('tool_access') === 'needed' && findings.get('service') === service.name
    if (!isExpected || service.kind !== 'mcp') return { verdict: 'error', reason: 'not_authenticated', route }
    const fault = await sessionFault(findings, service, { caller, lookup })
    if (fault !== undefined) return { verdict: 'deny', reason: fault, route }
    const verdict = judgeAccess(service.read, request)
    return verdict.outcome === 'allowed'
      ? {
          verdict: 'call_allowed',
          route,
          list: verdict.list,
          request: requestId,
          id: verdict.id,
          tool: verdict.tool,
        }
      : {
          verdict: 'call_refused',
          route,
          reason: verdict.reason,
          id: verdict.id,
          method: verdict.method,
          tool: verdict.tool,
        }
  }

  /** API keys have no session: authenticate checked the key at most a minute ago. */
  async function sessionFault(
    findings: ReadonlyMap<string, string>,
    service: McpService,
    { caller, lookup }: Waiting,
  ): Promise<DenyReason | undefined> {
    if (findings.get('source') === 'api_key') return undefined
    const cached = await sessions.find(findings.get('session') ?? '', caller, lookup)
    if (cached === undefined) return 'session_ended'
    const { resource, expiresAt } = cached.session
    if (resource !== audienceOf(origin, service) || !(expiresAt * 1000 > nowMs())) return 'session_ended'
    return isBlockedClient(cached.session) ? 'client_blocked' : undefined
  }

  function reply(
    request: ToolAccessRequest,
    judged: ToolDecision,
    { begunMs, lookup }: { readonly begunMs: number; readonly lookup: SessionLookup },
  ): CheckResponse {
    const decision = audit.require(judged)
    const response = respond(decision, origin)
    const milliseconds = elapsedMs() - begunMs
    decisions.toolJudged(decision, { request, lookup, milliseconds })
    audit.toolJudged(request, decision)
    const session = request.findings.get('session')
    if (decision.verdict === 'call_allowed' && decision.tool !== undefined && session !== undefined) {
      uses.note(session, decision.tool)
    }
    annotateCheck(decision)
    metrics?.decided('tool_access', decision, milliseconds)
    return response
  }
}
