import { textsIn } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { REQUEST_ID_ARGUMENT } from '../../expected/request-id.ts'
import { LOCATION } from '../../expected/service-answers.ts'

const OPERATOR = /%([A-Z][A-Z0-9_]*)(?:\(([^)%]*)\))?(?::\d+)?%/g

/** Operators that print no header, no query and no environment variable. */
const PLAIN =
  /^(START_TIME|STREAM_ID|TRACE_ID|SPAN_ID|PROTOCOL|METHOD|RESPONSE_(CODE|CODE_DETAILS|FLAGS|FLAGS_LONG)|DURATION|COMMON_DURATION|(REQUEST|RESPONSE)(_TX)?_DURATION|BYTES_(RECEIVED|SENT)|(UPSTREAM|DOWNSTREAM)_WIRE_BYTES_(RECEIVED|SENT)|ROUTE_NAME|VIRTUAL_CLUSTER_NAME|UPSTREAM_(HOST|CLUSTER|REQUEST_ATTEMPT_COUNT)|DOWNSTREAM_(DIRECT_)?REMOTE_ADDRESS(_WITHOUT_PORT)?|DOWNSTREAM_LOCAL_(ADDRESS|PORT)|CONNECTION_ID|LOCAL_REPLY_BODY)$/

const REQUEST_HEADERS = [
  ':method',
  ':authority',
  'user-agent',
  'x-request-id',
  'content-type',
  'mcp-method',
  'mcp-protocol-version',
  'traceparent',
  'x-amzn-trace-id',
  'access-control-request-headers',
]
const RESPONSE_HEADERS = ['content-type', 'content-length', 'retry-after', 'grpc-status']

export const rule: Rule = {
  holds: 'no log line and no answer contains a token, a cookie, a query or an environment variable',
  check: ({ root }) =>
    textsIn(root).flatMap((node) =>
      [...(node.text ?? '').matchAll(OPERATOR)]
        .filter(
          ([operator, name = '', argument]) => !isHarmless(name, argument) && !isLocation(node, operator),
        )
        .map(([operator]) =>
          finding(node, {
            risk: `${operator} may print a token, a cookie, a code from the query, or a value that the linter does not know.`,
            fix: 'Use %PATH(NQ):512% for the path and one key of authz’s metadata at a time; remove other headers.',
          }),
        ),
    ),
}

/** The Location of a service's answer, rewritten in place (rule service-refusals). */
function isLocation({ path }: ConfigNode, operator: string): boolean {
  return operator === LOCATION && path.endsWith('.response_mutations[0].append.header.value')
}

function isHarmless(name: string, argument: string | undefined): boolean {
  if (PLAIN.test(name)) return argument === undefined || name === 'START_TIME' || name === 'UPSTREAM_HOST'
  return NAMING.get(name)?.(argument ?? '') === true
}

/** Operators that print the value which their argument names. */
const NAMING: ReadonlyMap<string, (argument: string) => boolean> = new Map([
  ['REQ', (names: string) => areAll(REQUEST_HEADERS, names)],
  ['RESP', (names: string) => areAll(RESPONSE_HEADERS, names)],
  ['COALESCE', (argument: string) => argument === REQUEST_ID_ARGUMENT],
  ['PATH', (parts: string) => /^NQ(:|$)/.test(parts)],
  ['DYNAMIC_METADATA', (key: string) => /^envoy\.filters\.http\.ext_authz:./.test(key)],
  ['FILTER_STATE', (state: string) => /^[\w.]+:FIELD:(latency_us|bytesSent|bytesReceived)$/.test(state)],
])

/** `a?b` prints b when a is absent. */
function areAll(headers: readonly string[], names: string): boolean {
  return names.split('?').every((name) => headers.includes(name.toLowerCase()))
}
