import type { Log } from '../../core/log/log.ts'
import type { Decision } from '../decide/decision.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import type { AuthenticateRequest, ToolAccessRequest } from './check-request.ts'

/** Logs one line for a decision; allowed requests at debug only, as Envoy's access log has them all. */
export function logDecision(log: Log, request: AuthenticateRequest, decision: Decision): void {
  if (decision.verdict === 'allow' && !log.isLevelEnabled('debug')) return
  const line = {
    request: request.id,
    decision: decision.verdict,
    service: decision.route?.service.name,
    ...decision.identity,
  }
  switch (decision.verdict) {
    case 'allow':
      log.debug(line, 'request allowed')
      break
    case 'deny':
      log.info({ ...line, reason: decision.reason }, 'request denied')
      break
    case 'error':
      log.error(
        { ...line, reason: decision.reason, ...describe(decision.cause) },
        'authorization check failed',
      )
  }
}

export function logToolDecision(log: Log, request: ToolAccessRequest, decision: ToolDecision): void {
  const line = {
    request: request.id,
    decision: decision.verdict,
    service: decision.route?.service.name,
    subject: request.findings.get('subject'),
    client: request.findings.get('client'),
  }
  switch (decision.verdict) {
    case 'call_allowed':
      log.debug({ ...line, list: decision.list }, 'tool call allowed')
      break
    case 'call_refused':
    case 'deny':
      log.info({ ...line, reason: decision.reason }, 'tool call denied')
      break
    case 'error':
      log.error({ ...line, reason: decision.reason, ...describe(decision.cause) }, 'tool call check failed')
  }
}

/**
 * Describes an error without its message, which may quote secrets: a parser repeats its input, and ioredis attaches
 * the command. The messages of StoreUnavailableError are safe.
 */
function describe(cause: unknown): object {
  if (!(cause instanceof Error)) return {}
  if (cause instanceof StoreUnavailableError) return { error: cause.message }
  const frames = (cause.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return { error: cause.name, at: frames.map((line) => line.trim()) }
}
