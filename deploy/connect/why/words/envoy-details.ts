import type { Words } from './words.ts'

const LOOK_AT_SERVER = 'look at the log of the server behind; "connect check" asks it now'

type Detail = Words & { readonly code: string }

/**
 * What Envoy answered by itself, by the beginning of %RESPONSE_CODE_DETAILS%. The first that matches counts.
 */
const DETAILS: readonly Detail[] = [
  {
    code: 'ext_authz_error',
    meaning: 'authz did not answer: it is down, hangs, or was slower than Envoy waits (0.5 s)',
    fix: 'look at the container of authz: its last log lines, restarts, memory and CPU',
  },
  {
    code: 'ext_authz_invalid',
    meaning: "authz's answer changed a header that it must not change",
    fix: "report it: only a fault of authz or a changed envoy.yaml causes this. Run envoy lint over Envoy's configuration",
  },
  {
    code: 'list_unreadable',
    meaning: 'the service sent a list that cannot be filtered for read-only access',
    fix: "ask the service's developer: the log line of authz says what is wrong with its answer",
  },
  {
    code: 'ext_proc_error',
    meaning: 'authz did not filter the list in time',
    fix: "look at the CPU of authz, and at authz's log at that time",
  },
  {
    code: 'service_unauthorized',
    meaning: 'the service refused the Quilt credential of the session (401)',
    fix: "look at the service's log: it trusts another Registry, or the Registry revoked the credential",
  },
  {
    code: 'service_redirected',
    meaning: 'the service answered with a redirect that is not passed on',
    fix: 'compare `upstream` in CONNECT_SERVICES with the URL that the service serves; for an HTTP service, see `redirects`',
  },
  {
    code: 'upstream_reset_before_response_started{connection_timeout',
    meaning: 'Envoy could not connect to the server behind in time',
    fix: `check that it runs, and its network rules (security groups); ${LOOK_AT_SERVER}`,
  },
  {
    code: 'upstream_reset_before_response_started{connection_failure',
    meaning: 'Envoy could not connect to the server behind',
    fix: `check that it runs, its address and its certificate; ${LOOK_AT_SERVER}`,
  },
  {
    code: 'upstream_reset_before_response_started{remote_connection_failure',
    meaning: 'Envoy could not connect to the server behind',
    fix: `check that it runs, its address and its certificate; ${LOOK_AT_SERVER}`,
  },
  {
    code: 'upstream_reset_before_response_started',
    meaning: 'the server behind closed the connection before it answered',
    fix: `if it happens at quiet times, make keepAliveSeconds of the service smaller; ${LOOK_AT_SERVER}`,
  },
  {
    code: 'upstream_reset_after_response_started',
    meaning: 'the server behind closed the connection in the middle of its answer',
    fix: LOOK_AT_SERVER,
  },
  {
    code: 'no_healthy_upstream',
    meaning: 'no server behind is healthy',
    fix: `check that it runs, and that its DNS name resolves; ${LOOK_AT_SERVER}`,
  },
  {
    code: 'upstream_response_timeout',
    meaning: "the server behind did not answer before the token's end or the timeout of the route",
    fix: LOOK_AT_SERVER,
  },
  { code: 'response_timeout', meaning: 'the server behind did not answer in time', fix: LOOK_AT_SERVER },
  {
    code: 'upstream_per_try_timeout',
    meaning: 'the server behind did not answer in time',
    fix: LOOK_AT_SERVER,
  },
  {
    code: 'upstream_max_stream_duration_reached',
    meaning: 'the stream reached its max length; clients resume it',
    fix: 'none if the client resumes it',
  },
  {
    code: 'request_rate_limited',
    meaning: 'the address reached the rate limit at the edge',
    fix: 'ask the user whether a program loops; if an office shares one address, raise the limit (local_ratelimit in envoy.yaml)',
  },
  {
    code: 'local_rate_limited',
    meaning: 'the address reached the rate limit at the edge',
    fix: 'ask the user whether a program loops; if an office shares one address, raise the limit (local_ratelimit in envoy.yaml)',
  },
  {
    code: 'request_payload_too_large',
    meaning: 'the body is larger than Connect takes',
    fix: 'the client sends less: a message to an MCP service with read-only access may have 1 MiB',
  },
  {
    code: 'route_not_found',
    meaning: 'no route matches host and path',
    fix: 'compare the URL in the application with CONNECT_ORIGIN and the prefixes in CONNECT_SERVICES',
  },
  {
    code: 'cluster_not_found',
    meaning: 'the route leads to a cluster that does not exist',
    fix: 'restart Envoy with a configuration that envoy lint has passed',
  },
  {
    code: 'path_normalization_failed',
    meaning: 'the path cannot be normalised (an escaped slash, for example)',
    fix: 'ask who sent it: clients do not send such paths',
  },
  {
    code: 'direct_response',
    meaning:
      'Envoy answered by a rule of its routes: another host name, or a page or method that is not served',
    fix: 'compare the URL in the application with CONNECT_ORIGIN',
  },
  {
    code: 'overload',
    meaning: "Envoy's memory or connections ran out",
    fix: 'give Envoy more memory, or run more tasks',
  },
  {
    code: 'stream_idle_timeout',
    meaning: 'the stream had no data for too long',
    fix: 'none if the client tries again; look at the network between client and Envoy',
  },
  {
    code: 'request_overall_timeout',
    meaning: 'the client did not finish its request in time',
    fix: 'look at the network between client and Envoy',
  },
  {
    code: 'request_header_timeout',
    meaning: 'the client did not finish the headers of its request in time',
    fix: 'look at the network between client and Envoy',
  },
  {
    code: 'downstream_remote_disconnect',
    meaning: 'the client closed the connection before the answer',
    fix: "look at the client's timeout, and at what took long",
  },
  {
    code: 'downstream_local_disconnect',
    meaning: 'Envoy closed the connection, because it drains or the client broke the protocol',
    fix: 'none if a deployment ran at that time',
  },
  {
    code: 'codec_error',
    meaning: 'the client broke the HTTP protocol',
    fix: 'ask who sent it; clients do not send such requests',
  },
  {
    code: 'http1.',
    meaning: 'the client broke HTTP/1.1',
    fix: 'ask who sent it; clients do not send such requests',
  },
  {
    code: 'http2.',
    meaning: 'the client broke HTTP/2',
    fix: 'ask who sent it; clients do not send such requests',
  },
  {
    code: 'health_check',
    meaning: 'Envoy answered a health check: 503 while it drains, and while consent-ui is unavailable',
    fix: 'look at the container of consent-ui, if no deployment runs',
  },
]

/** @returns undefined for `via_upstream` and for what Envoy does not answer with by itself */
export function detailsInWords(details: string): Words | undefined {
  if (details === 'via_upstream' || details === '') return undefined
  return (
    DETAILS.find(({ code }) => details.startsWith(code)) ?? {
      meaning: `Envoy answered by itself (${details})`,
      fix: "search Envoy's documentation for this response code detail",
    }
  )
}
