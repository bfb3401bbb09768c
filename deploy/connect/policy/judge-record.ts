import { toolAccessAt } from '../../../authz/decide/route.ts'
import { mayUse } from '../../../authz/read-access/judge-call.ts'
import { accessAt } from '../../../core/services/granted-access.ts'
import type { McpService, Service } from '../../../core/services/service.ts'
import type { AuditRecord } from './audit-record.ts'
import type { RecordedPolicy } from './recorded-policy.ts'

/** `allowed`, or the reason of a refusal. */
type Outcome = string

type Judgement =
  | { readonly was: Outcome; readonly becomes: Outcome }
  /** Why the line is not enough to tell. */
  | { readonly unjudged: string }

const ALLOWED = 'allowed'
const TOOL_CALL = 'tools/call '
const PATH_NOT_RECORDED = 'its outcome depends on the path, which the audit log does not record'

/** Decides a recorded request again, as authz with other services would. */
export function judgeRecord(
  record: AuditRecord,
  policy: RecordedPolicy,
  services: readonly Service[],
): Judgement {
  const was = record.errorCode ?? ALLOWED
  if (was === 'no_service') return { unjudged: PATH_NOT_RECORDED }
  const service = services.find(({ name }) => name === record.requestParameters.service)
  if (service === undefined || hasMoved(service, policy.serviceOf(record))) {
    return { was, becomes: was === ALLOWED ? 'no_service' : was }
  }
  return dependsOnServices(record, was) ? judgeAt(service, record, policy) : { was, becomes: was }
}

/** Clients have the old URL, and their tokens are for it. */
function hasMoved({ pathPrefix }: Service, recorded: ReturnType<RecordedPolicy['serviceOf']>): boolean {
  return recorded !== undefined && recorded.prefix !== pathPrefix
}

function judgeAt(service: Service, record: AuditRecord, policy: RecordedPolicy): Judgement {
  const was = record.errorCode ?? ALLOWED
  const granted = policy.grantedTo(record)
  if (granted === undefined) {
    return { unjudged: 'no line says what the session was granted: give the lines of consent-ui too' }
  }
  const route = { service, path: service.paths[0], reads: false }
  if (toolAccessAt(route, accessAt(service, granted)) === 'not_needed') return { was, becomes: ALLOWED }
  if (service.kind === 'mcp') return judgeReading(service, record, was)
  return isRead(record) ? { unjudged: PATH_NOT_RECORDED } : { was, becomes: 'read_only' }
}

/** False for refusals that any list of services leaves: a bad token, an ended session, a blocked client. */
function dependsOnServices({ eventName, additionalEventData }: AuditRecord, was: Outcome): boolean {
  return (
    eventName === 'Connect.ToolCalled' || additionalEventData.stage === 'tool_access' || was === 'read_only'
  )
}

function judgeReading({ read }: McpService, { requestParameters }: AuditRecord, was: Outcome): Judgement {
  const { operation } = requestParameters
  if (was === 'read_only')
    return { unjudged: 'its body is not recorded, as the service was not an MCP server' }
  // A message that authz refuses for its form, whatever the service's list.
  const isOfList = [ALLOWED, 'tool_not_allowed', 'method_not_allowed'].includes(was)
  if (!isOfList) return { was, becomes: was }
  if (operation === undefined) return { unjudged: 'its method is not recorded' }
  if (!operation.startsWith(TOOL_CALL)) {
    return { was, becomes: mayUse(read, { method: operation }) ? ALLOWED : 'method_not_allowed' }
  }
  const use = { method: 'tools/call', name: operation.slice(TOOL_CALL.length) }
  return { was, becomes: mayUse(read, use) ? ALLOWED : 'tool_not_allowed' }
}

function isRead({ requestParameters: { operation } }: AuditRecord): boolean {
  return operation === 'GET' || operation === 'HEAD'
}
