import { adviceFor, refusalBody, refusalStatus } from '../read-access/refusal-body.ts'
import type { CallAllowed, CallRefused, ToolDecision } from '../decide/tool-decision.ts'
import type { Allowed, Decision, Denied, Unavailable } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import { STOPPED_RETRY_AFTER_SECONDS } from '../../core/services/stop.ts'
import { header, type HeaderValueOption } from './header.ts'
import { structOf, type Findings, type Struct } from './stage-metadata.ts'
import { REFUSALS } from './refusals.ts'

/** google.rpc.Code. Envoy takes 0 for an allow, whatever else the message contains. */
const NOT_FOUND = 5
const UNAVAILABLE = 14
const PERMISSION_DENIED = 7
const UNAUTHENTICATED = 16

/** Most outages of Redis and the Registry are shorter. */
const RETRY_AFTER_SECONDS = 2

/**
 * A CheckResponse (proto/envoy/service/auth/v3). The type excludes refusals without a status or with code 0, which
 * Envoy would take for an allow.
 */
export type CheckResponse =
  | {
      readonly status: { readonly code: 0 }
      readonly ok_response: {
        readonly headers: readonly HeaderValueOption[]
        readonly headers_to_remove: readonly string[]
      }
      readonly dynamic_metadata: Struct
    }
  | {
      readonly status: { readonly code: typeof NOT_FOUND | typeof PERMISSION_DENIED | typeof UNAUTHENTICATED }
      readonly denied_response: HttpResponse
      readonly dynamic_metadata: Struct
    }
  | {
      readonly status: { readonly code: typeof UNAVAILABLE }
      readonly error_response: HttpResponse
      readonly dynamic_metadata: Struct
    }

interface HttpResponse {
  readonly status: { readonly code: 200 | 400 | 401 | 403 | 404 | 405 | 413 | 503 }
  readonly headers: readonly HeaderValueOption[]
  readonly body: string
}

/**
 * Writes a decision as Envoy's message.
 *
 * @param origin - of the Connect host, which serves the protected-resource metadata (RFC 9728)
 * @throws UnsafeHeaderError for a Quilt credential that is not a header value
 */
export function respond(decision: Decision | ToolDecision, origin: string): CheckResponse {
  switch (decision.verdict) {
    case 'call_allowed':
      return allowCall(decision)
    case 'call_refused':
      return refuseCall(decision)
    case 'allow':
      return allow(decision)
    case 'deny':
      return deny(decision, origin)
    case 'error':
      return fail(decision)
  }
}

function allow(allowed: Allowed): CheckResponse {
  return pass({
    headers: [
      header('authorization', `Bearer ${allowed.credential.token}`),
      header('x-envoy-upstream-rq-timeout-ms', String(allowed.upstreamTimeoutMs)),
    ],
    headersToRemove: allowed.headersToRemove,
    metadata: structOf({
      ...findingsOf(allowed, `valid_${allowed.source}`),
      tool_access: allowed.toolAccess,
      ...(allowed.toolAccess === 'needed' ? { source: allowed.source, session: allowed.session } : {}),
    }),
  })
}

/** Without Accept-Encoding, the service sends lists uncompressed, so they can be filtered. */
function allowCall({ list, request, id }: CallAllowed): CheckResponse {
  const rpc_id = list && id !== undefined ? JSON.stringify(id) : undefined
  return pass({
    headers: [],
    headersToRemove: list ? ['accept-encoding'] : [],
    metadata: structOf({ tool_decision: 'allow', list, request, rpc_id }),
  })
}

function refuseCall({ route, reason, id }: CallRefused): CheckResponse {
  const status = refusalStatus(reason, id)
  // RFC 9110 section 15.5.6.
  const allow = status === 405 ? [header('allow', 'GET, POST, DELETE')] : []
  return {
    status: { code: PERMISSION_DENIED },
    denied_response: json(status, refusalBody(reason, id, isMoreOffered(route)), allow),
    dynamic_metadata: structOf({ tool_decision: 'deny', tool_reason: reason, list: false }),
  }
}

function isMoreOffered({ service }: Route): boolean {
  return service.grants.includes('full')
}

interface Changes {
  readonly headers: readonly HeaderValueOption[]
  readonly headersToRemove: readonly string[]
  readonly metadata: Struct
}

/** Builds the message that lets a request through; no other function does. */
function pass({ headers, headersToRemove, metadata }: Changes): CheckResponse {
  return {
    status: { code: 0 },
    ok_response: { headers, headers_to_remove: headersToRemove },
    dynamic_metadata: metadata,
  }
}

function deny(denied: Denied, origin: string): CheckResponse {
  const refusal = REFUSALS[denied.reason]
  const dynamic_metadata = structOf(findingsOf(denied, denied.reason))
  if (refusal.kind === 'not_found' || denied.route === undefined) {
    const denied_response = json(404, { error: 'not_found' })
    return { status: { code: NOT_FOUND }, denied_response, dynamic_metadata }
  }
  if (refusal.kind === 'stopped') return stopped(dynamic_metadata)
  if (refusal.kind === 'forbidden') {
    const advice = adviceFor(isMoreOffered(denied.route))
    const error_description = `${refusal.description} ${advice}`
    const denied_response = json(403, { error: 'insufficient_scope', error_description })
    return { status: { code: PERMISSION_DENIED }, denied_response, dynamic_metadata }
  }
  const challenge = [
    `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource${denied.route.path}"`,
    `scope="${denied.route.service.scopes.join(' ')}"`,
  ]
  if (refusal.description !== undefined) {
    challenge.push('error="invalid_token"', `error_description="${refusal.description}"`)
  }
  const denied_response = json(401, rpcError(-32001, 'Unauthorized'), [
    header('www-authenticate', challenge.join(', ')),
  ])
  return { status: { code: UNAUTHENTICATED }, denied_response, dynamic_metadata }
}

/** Not an error of authz: Envoy keeps the body of a denial, and no alarm counts it. */
function stopped(dynamic_metadata: Struct): CheckResponse {
  const message = 'The operator has stopped this service for now, try again later'
  const retryAfter = header('retry-after', String(STOPPED_RETRY_AFTER_SECONDS))
  return {
    status: { code: PERMISSION_DENIED },
    denied_response: json(503, rpcError(-32000, message), [retryAfter]),
    dynamic_metadata,
  }
}

/** Answers 503. A 401 would make every client discard its tokens and send its user through the browser. */
function fail(unavailable: Unavailable): CheckResponse {
  return {
    status: { code: UNAVAILABLE },
    error_response: json(503, rpcError(-32000, 'Temporarily unavailable, try again'), [
      header('retry-after', String(RETRY_AFTER_SECONDS)),
    ]),
    dynamic_metadata: structOf(findingsOf(unavailable, unavailable.reason)),
  }
}

function rpcError(code: number, message: string): object {
  return { jsonrpc: '2.0', error: { code, message }, id: null }
}

function json(
  code: HttpResponse['status']['code'],
  body: object | string,
  headers: HeaderValueOption[] = [],
): HttpResponse {
  return {
    status: { code },
    headers: [...headers, header('content-type', 'application/json'), header('cache-control', 'no-store')],
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}

function findingsOf({ verdict, route, identity }: Decision, reason: string): Findings {
  return { decision: verdict, reason, service: route?.service.name, ...identity }
}
