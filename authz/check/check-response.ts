import type { Allowed, Decision, Denied, Trouble } from '../decide/decision.ts'
import { header, type HeaderValueOption } from './header.ts'
import { REFUSALS } from './refusals.ts'

/** Of google.rpc.Code. 0 would let the request through, whatever else the message says. */
const NOT_FOUND = 5
const UNAVAILABLE = 14
const UNAUTHENTICATED = 16

/** A client that is told so comes back with the same token; most of our troubles are over by then. */
const RETRY_AFTER_SECONDS = 2

/**
 * What Envoy reads (proto/envoy/service/auth/v3). This file alone builds it, and its type has no refusal that
 * Envoy would take for an allow: one without a status, or with code 0.
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
      readonly status: { readonly code: typeof NOT_FOUND | typeof UNAUTHENTICATED }
      readonly denied_response: HttpResponse
      readonly dynamic_metadata: Struct
    }
  | {
      readonly status: { readonly code: typeof UNAVAILABLE }
      readonly error_response: HttpResponse
      readonly dynamic_metadata: Struct
    }

interface HttpResponse {
  readonly status: { readonly code: 401 | 404 | 503 }
  readonly headers: readonly HeaderValueOption[]
  readonly body: string
}

/** google.protobuf.Struct, of texts alone. */
interface Struct {
  readonly fields: Readonly<Record<string, { readonly stringValue: string }>>
}

/**
 * From the decision to the message.
 *
 * @param origin - of the Connect host, where the protected-resource documents are
 * @throws UnsafeHeaderError for a Quilt credential that is no header value
 */
export function respond(decision: Decision, origin: string): CheckResponse {
  switch (decision.verdict) {
    case 'allow':
      return allow(decision)
    case 'deny':
      return deny(decision, origin)
    case 'error':
      return fail(decision)
  }
}

/** The one place where a message that lets a request through is built. */
function allow(allowed: Allowed): CheckResponse {
  return {
    status: { code: 0 },
    ok_response: {
      headers: [
        header('authorization', `Bearer ${allowed.credential.token}`),
        header('x-envoy-upstream-rq-timeout-ms', String(allowed.longestMs)),
      ],
      headers_to_remove: allowed.headersToRemove,
    },
    dynamic_metadata: metadata(allowed, 'valid_session'),
  }
}

function deny(denied: Denied, origin: string): CheckResponse {
  const refusal = REFUSALS[denied.reason]
  const dynamic_metadata = metadata(denied, denied.reason)
  if (refusal.kind === 'not_found' || denied.route === undefined) {
    const denied_response = json(404, { error: 'not_found' })
    return { status: { code: NOT_FOUND }, denied_response, dynamic_metadata }
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

/** Never 401: clients throw their tokens away then, and would all come back through the browser. */
function fail(trouble: Trouble): CheckResponse {
  return {
    status: { code: UNAVAILABLE },
    error_response: json(503, rpcError(-32000, 'Temporarily unavailable, try again'), [
      header('retry-after', String(RETRY_AFTER_SECONDS)),
    ]),
    dynamic_metadata: metadata(trouble, trouble.reason),
  }
}

function rpcError(code: number, message: string): object {
  return { jsonrpc: '2.0', error: { code, message }, id: null }
}

function json(
  code: HttpResponse['status']['code'],
  body: object,
  headers: HeaderValueOption[] = [],
): HttpResponse {
  return {
    status: { code },
    headers: [...headers, header('content-type', 'application/json'), header('cache-control', 'no-store')],
    body: JSON.stringify(body),
  }
}

/** For Envoy's access log. */
function metadata({ verdict, route, party }: Decision, reason: string): Struct {
  const facts = { decision: verdict, reason, service: route?.service.name, ...party }
  const known = Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { fields: Object.fromEntries(known.map(([name, stringValue]) => [name, { stringValue }])) }
}
