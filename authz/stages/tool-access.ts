import { audienceOf, type McpService } from '../../core/services/service.ts'
import { judgeAccess } from '../read-access/judge-access.ts'
import type { Caller } from './caller.ts'
import { findRoute, type Route } from '../decide/route.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import { answer } from './answer.ts'
import { readToolRequest, type ToolRequestFacts } from '../envoy/check-request.ts'
import { respond } from '../envoy/check-response.ts'
import type { Check, CheckParts } from './authenticate.ts'
import { reportCall } from '../envoy/report.ts'

/**
 * May this call be made: asked after the first check, with the body, about those who may only read. Who asks was
 * found out before, and is in Envoy's metadata; that the session still is, is looked at again, since the body may
 * have taken a while.
 */
export function createToolAccessCheck(
  parts: Pick<CheckParts, 'origin' | 'services' | 'sessions' | 'log' | 'nowMs'>,
): Check {
  return async function checkToolAccess(request, caller) {
    const facts = readToolRequest(request)
    const route = findRoute(parts.services, facts.context)
    return await answer({
      route,
      caller,
      judge: () => judge(facts, route, caller),
      reply: (decision) => reply(facts, decision),
    })
  }

  async function judge(
    facts: ToolRequestFacts,
    route: Route | undefined,
    caller: Caller,
  ): Promise<ToolDecision> {
    if (route === undefined) return { verdict: 'deny', reason: 'no_service' }
    const { service } = route
    const { findings } = facts
    const belongs = findings.get('tool_access') === 'needed' && findings.get('service') === service.name
    // Whoever is asked here has passed the first check on this very route, or the configuration is not ours.
    if (!belongs || service.kind !== 'mcp') return { verdict: 'error', reason: 'not_authenticated', route }
    if (!(await isStillThere(findings, service, caller)))
      return { verdict: 'deny', reason: 'session_ended', route }
    const verdict = judgeAccess(service.read, facts.request)
    return verdict.outcome === 'allowed'
      ? { verdict: 'call_allowed', route, list: verdict.list, id: verdict.id }
      : { verdict: 'call_refused', route, reason: verdict.reason, id: verdict.id }
  }

  /** An API key was asked about no longer than a minute ago, and cannot be asked about here. */
  async function isStillThere(
    findings: ReadonlyMap<string, string>,
    service: McpService,
    caller: Caller,
  ): Promise<boolean> {
    if (findings.get('source') === 'api_key') return true
    const held = await parts.sessions.find(findings.get('session') ?? '', caller)
    if (held === undefined) return false
    const { resource, expiresAt } = held.session
    return resource === audienceOf(parts.origin, service) && expiresAt * 1000 > parts.nowMs()
  }

  function reply(facts: ToolRequestFacts, decision: ToolDecision) {
    const response = respond(decision, parts.origin)
    reportCall(parts.log, facts, decision)
    return response
  }
}
