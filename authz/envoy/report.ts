import type { Log } from '../../core/log/log.ts'
import { KEY_ID } from '../../core/keys/keys.ts'
import { readBearer } from '../decide/bearer.ts'
import type { Decision } from '../decide/decision.ts'
import { StoreUnavailableError, type SessionLookup } from '../sessions/session-cache.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import type { AuthenticateRequest, ToolAccessRequest } from './check-request.ts'

/** Max length of a JWT's header that is read for the log. */
const MAX_HEADER_CHARACTERS = 256

/** For the log of a refusal, from which `connect why` explains it. */
export interface CheckCircumstances<Request> {
  readonly request: Request
  readonly lookup: SessionLookup
  /** What the check took. */
  readonly milliseconds: number
}

/** Logs one line for a decision; allowed requests at debug only, as Envoy's access log has them all. */
export function logDecision(
  log: Log,
  decision: Decision,
  circumstances: CheckCircumstances<AuthenticateRequest>,
): void {
  const { request } = circumstances
  if (decision.verdict === 'allow' && !log.isLevelEnabled('debug')) return
  const line = {
    request: request.id,
    decision: decision.verdict,
    to_service: decision.route?.service.name,
    ...decision.identity,
    ...(decision.verdict === 'allow' ? {} : { tokenKey: namedKey(request) }),
    ...membersOf(circumstances),
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

export function logToolDecision(
  log: Log,
  decision: ToolDecision,
  circumstances: CheckCircumstances<ToolAccessRequest>,
): void {
  const { request } = circumstances
  if (decision.verdict === 'call_allowed' && !log.isLevelEnabled('debug')) return
  const line = {
    request: request.id,
    decision: decision.verdict,
    to_service: decision.route?.service.name,
    subject: request.findings.get('subject'),
    client: request.findings.get('client'),
    access: request.findings.get('access'),
    ...membersOf(circumstances),
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

function membersOf({ lookup: { session, source }, milliseconds }: CheckCircumstances<unknown>): object {
  return {
    sessionFrom: source,
    sessionOpenedAt: timeOf(session?.createdAt),
    sessionExpiresAt: timeOf(session?.expiresAt),
    milliseconds: Number(milliseconds.toFixed(2)),
  }
}

function timeOf(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString()
}

/** The signing key that the token names (RFC 7515 section 4.1.4); a forger may name any. */
function namedKey({ authorization }: AuthenticateRequest): string | undefined {
  const credential = readBearer(authorization)
  const header = credential.kind === 'bearer' ? credential.token.split('.', 1)[0] : undefined
  if (header === undefined || !header.startsWith('eyJ') || header.length > MAX_HEADER_CHARACTERS)
    return undefined
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { readonly kid?: unknown }
    return typeof kid === 'string' && KEY_ID.test(kid) ? kid : undefined
  } catch {
    return undefined
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
