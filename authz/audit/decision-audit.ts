import type { Audit, AuditEntry } from '../../core/audit/audit-entry.ts'
import { RefusalLimit } from '../../core/audit/refusal-limit.ts'
import { isApiKey } from '../api-keys/api-key.ts'
import {
  namesUser,
  type Allowed,
  type Decision,
  type Denied,
  type Identity,
  type Unavailable,
} from '../decide/decision.ts'
import type { CallAllowed, CallRefused, ToolDecision } from '../decide/tool-decision.ts'
import type { AuthenticateRequest, ToolAccessRequest } from '../envoy/check-request.ts'
import { decodeValue } from '../read-access/mcp-headers.ts'

type AnyDecision = Decision | ToolDecision

/** Records refused requests and tool calls. What authz allows otherwise is in Envoy's access log only. */
export class DecisionAudit {
  readonly #audit: Audit
  readonly #withoutUser: RefusalLimit

  constructor(audit: Audit, elapsedMs: () => number) {
    this.#audit = audit
    this.#withoutUser = new RefusalLimit(elapsedMs)
  }

  /** Replaces a decision by 503 if AUDIT_REQUIRED is set and its event might be lost. */
  require<Decided extends AnyDecision>(decision: Decided): Decided | Unavailable {
    if (this.#audit.hasRoom) return decision
    return { verdict: 'error', reason: 'audit_unavailable', route: decision.route }
  }

  authenticated(request: AuthenticateRequest, decision: Decision): void {
    if (decision.verdict !== 'allow') this.#refused(request, decision, request.method)
    else if (decision.toolAccess === 'not_needed') this.#calledByHeader(request, decision)
  }

  toolJudged(request: ToolAccessRequest, decision: ToolDecision): void {
    if (decision.verdict === 'deny' || decision.verdict === 'error') {
      this.#refused(request, decision, request.request.method)
    } else this.#judged(request, decision)
  }

  /** A full session, whose body authz does not read: the header is the client's word. */
  #calledByHeader(request: AuthenticateRequest, { route, identity, session }: Allowed) {
    const [tool] = request.mcpNames
    if (tool === undefined || request.mcpMethods[0] !== 'tools/call') return
    this.#audit.record({
      ...entryOf('ToolCalled', request, identity),
      service: route.service.name,
      sessionId: session,
      operation: `tools/call ${decodeValue(tool) ?? 'unreadable'}`,
      details: { toolNamedBy: 'header of the client' },
    })
  }

  #judged(request: ToolAccessRequest, decision: CallAllowed | CallRefused) {
    const { route, tool } = decision
    const isSuccess = decision.verdict === 'call_allowed'
    if (isSuccess && tool === undefined) return
    const { findings } = request
    const identity = {
      subject: findings.get('subject') ?? '',
      client: findings.get('client') ?? '',
      access: 'read',
    } as const
    this.#audit.record({
      ...entryOf(tool === undefined ? 'RequestRefused' : 'ToolCalled', request, identity),
      isSuccess,
      ...('reason' in decision ? { reason: decision.reason } : {}),
      service: route.service.name,
      sessionId: findings.get('session'),
      operation: tool === undefined ? methodOf(decision) : `tools/call ${tool}`,
      details: { stage: 'tool_access', toolNamedBy: tool === undefined ? undefined : 'body, as judged' },
    })
  }

  #refused(
    request: AuthenticateRequest | ToolAccessRequest,
    refusal: Denied | Unavailable,
    operation: string,
  ): void {
    const { verdict, reason, route, identity } = refusal
    const isCounted = !namesUser(refusal) || verdict === 'error'
    if (isCounted && !this.#withoutUser.take()) return
    this.#audit.record({
      ...entryOf('RequestRefused', request, identity),
      isSuccess: false,
      reason,
      service: route?.service.name,
      operation,
      details: this.#withoutUser.takeOmitted(),
    })
  }
}

function methodOf(decision: CallAllowed | CallRefused): string | undefined {
  return 'method' in decision ? decision.method : undefined
}

/** Quilt's audit log names API keys by their fingerprint too. */
function clientOf({ client }: Identity): AuditEntry['client'] {
  return { id: client, name: isApiKey(client) ? client : undefined }
}

function entryOf(
  name: AuditEntry['name'],
  { id, clientAddress }: AuthenticateRequest | ToolAccessRequest,
  identity: Identity | undefined,
): AuditEntry {
  return {
    name,
    by: 'client',
    origin: { requestId: id, address: clientAddress },
    person: identity?.subject === undefined ? undefined : { name: identity.subject },
    client: identity === undefined ? undefined : clientOf(identity),
    access: identity?.access,
  }
}
