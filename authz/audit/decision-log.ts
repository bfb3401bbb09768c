import { RefusalLimit } from '../../core/audit/refusal-limit.ts'
import type { Log } from '../../core/log/log.ts'
import { KEY_ID } from '../../core/keys/keys.ts'
import { readBearer } from '../decide/bearer.ts'
import { namesUser, type Decision } from '../decide/decision.ts'
import { StoreUnavailableError, type SessionLookup } from '../sessions/session-cache.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import type { AuthenticateRequest, ToolAccessRequest } from '../envoy/check-request.ts'

/** Anyone can cause lines without a user. Envoy's access log has every request, with its verdict and reason. */
const MAX_LINES_WITHOUT_USER_PER_MINUTE = 3000
/** Max length of a JWT's header that is read for the log. */
const MAX_HEADER_CHARACTERS = 256

/** For the log of a refusal, from which `connect why` explains it. */
export interface CheckCircumstances<Request> {
  readonly request: Request
  readonly lookup: SessionLookup
  /** What the check took. */
  readonly milliseconds: number
}

const LEVELS = {
  allow: 'debug',
  call_allowed: 'debug',
  deny: 'info',
  call_refused: 'info',
  error: 'error',
} as const

const MESSAGES = {
  allow: 'request allowed',
  deny: 'request denied',
  error: 'authorization check failed',
} as const

const TOOL_MESSAGES = {
  call_allowed: 'tool call allowed',
  call_refused: 'tool call denied',
  deny: 'tool call denied',
  error: 'tool call check failed',
} as const

/**
 * Logs one line for a decision; allowed requests at debug only, as Envoy's access log has them all. A line that is not
 * written costs nothing: a flood of forged tokens must not pay for it.
 */
export class DecisionLog {
  readonly #log: Log
  readonly #withoutUser: RefusalLimit

  constructor(log: Log, elapsedMs: () => number) {
    this.#log = log
    this.#withoutUser = new RefusalLimit(elapsedMs, MAX_LINES_WITHOUT_USER_PER_MINUTE)
  }

  authenticated(decision: Decision, circumstances: CheckCircumstances<AuthenticateRequest>): void {
    const level = LEVELS[decision.verdict]
    if (!this.#log.isLevelEnabled(level)) return
    if (decision.verdict !== 'allow' && !namesUser(decision) && !this.#withoutUser.take()) return
    const { request } = circumstances
    const line = {
      request: request.id,
      decision: decision.verdict,
      to_service: decision.route?.service.name,
      ...decision.identity,
      ...(decision.verdict === 'allow' ? {} : { tokenKey: namedKey(request) }),
      ...membersOf(circumstances),
      ...reasonOf(decision),
      ...this.#withoutUser.takeOmitted(),
    }
    this.#log[level](line, MESSAGES[decision.verdict])
  }

  /** Only a request that authenticate allowed comes this far: it has a user. */
  toolJudged(decision: ToolDecision, circumstances: CheckCircumstances<ToolAccessRequest>): void {
    const level = LEVELS[decision.verdict]
    if (!this.#log.isLevelEnabled(level)) return
    const { id, findings } = circumstances.request
    const line = {
      request: id,
      decision: decision.verdict,
      to_service: decision.route?.service.name,
      subject: findings.get('subject'),
      client: findings.get('client'),
      access: findings.get('access'),
      ...membersOf(circumstances),
      ...(decision.verdict === 'call_allowed' ? { list: decision.list } : reasonOf(decision)),
    }
    this.#log[level](line, TOOL_MESSAGES[decision.verdict])
  }
}

function membersOf({ lookup: { session, source }, milliseconds }: CheckCircumstances<unknown>): object {
  return {
    sessionFrom: source,
    sessionOpenedAt: timeOf(session?.createdAt),
    sessionExpiresAt: timeOf(session?.expiresAt),
    milliseconds: Math.round(milliseconds * 100) / 100,
  }
}

function reasonOf(decision: Decision | ToolDecision): object {
  if (decision.verdict === 'error') return { reason: decision.reason, ...describe(decision.cause) }
  return 'reason' in decision ? { reason: decision.reason } : {}
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
