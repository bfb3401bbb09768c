export interface ReservedHeaders {
  readonly names: readonly string[]
  readonly prefixes: readonly string[]
}

/** Headers that tell a service who the user is (Quilt, ext_authz, AWS load balancers, oauth2-proxy, Traefik). */
export const IDENTITY_HEADERS: ReservedHeaders = {
  prefixes: ['x-quilt-', 'x-auth-', 'x-amzn-oidc-'],
  names: [
    'x-forwarded-user',
    'x-forwarded-email',
    'x-forwarded-groups',
    'x-forwarded-preferred-username',
    'x-forwarded-access-token',
  ],
}

/** Headers that tell a service another address, path or method than authz judged. */
export const FORWARDING_HEADERS: ReservedHeaders = {
  prefixes: ['x-envoy-', 'x-original-', 'x-rewrite-', 'x-http-method', 'x-method-override'],
  names: [
    'forwarded',
    'x-forwarded',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-uri',
    'x-forwarded-path',
    'x-forwarded-prefix',
    'x-forwarded-scheme',
    'x-forwarded-ssl',
    'x-forwarded-server',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'x-host',
    'proxy',
  ],
}

/** W3C Trace Context and Baggage: with them a client would choose the trace that its requests belong to. */
export const TRACE_CONTEXT_HEADERS: ReservedHeaders = {
  prefixes: [],
  names: ['traceparent', 'tracestate', 'baggage'],
}

/** Headers that authz sets or removes beside the identity headers. */
export const AUTHZ_HEADERS = [
  'authorization',
  'cookie',
  'last-event-id',
  'x-envoy-upstream-rq-timeout-ms',
] as const

export function isReserved({ names, prefixes }: ReservedHeaders, name: string): boolean {
  return names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))
}
