import type { Log } from '../../core/log/log.ts'
import type { Decision } from '../decide/decision.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import type { RequestFacts, ToolRequestFacts } from './check-request.ts'

/** One line for each check; allowed ones at debug alone, as Envoy's access log has them all. */
export function report(log: Log, facts: RequestFacts, decision: Decision): void {
  if (decision.verdict === 'allow' && !log.isLevelEnabled('debug')) return
  const line = {
    request: facts.id,
    decision: decision.verdict,
    service: decision.route?.service.name,
    ...decision.party,
  }
  switch (decision.verdict) {
    case 'allow':
      log.debug(line, 'allowed')
      break
    case 'deny':
      log.info({ ...line, reason: decision.reason }, 'denied')
      break
    case 'error':
      log.error({ ...line, reason: decision.reason, ...describe(decision.cause) }, 'cannot tell')
  }
}

/** The same for the second check. */
export function reportCall(log: Log, { id, findings }: ToolRequestFacts, decision: ToolDecision): void {
  const line = {
    request: id,
    decision: decision.verdict,
    service: decision.route?.service.name,
    subject: findings.get('subject'),
    client: findings.get('client'),
  }
  switch (decision.verdict) {
    case 'call_allowed':
      log.debug({ ...line, list: decision.list }, 'call allowed')
      break
    case 'call_refused':
    case 'deny':
      log.info({ ...line, reason: decision.reason }, 'call refused')
      break
    case 'error':
      log.error({ ...line, reason: decision.reason, ...describe(decision.cause) }, 'cannot tell')
  }
}

/**
 * What was thrown, without what it may quote: messages of a parser repeat its input, and ioredis attaches the
 * command. The store's own messages are about the connection.
 */
function describe(cause: unknown): object {
  if (!(cause instanceof Error)) return {}
  if (cause instanceof StoreUnavailableError) return { error: cause.message }
  const frames = (cause.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return { error: cause.name, at: frames.map((line) => line.trim()) }
}
