import { TRACE_HEADER } from '../../../../core/http/request-id.ts'
import { fieldsNamed } from '../../config/find.ts'
import type { Manager } from '../../config/manager.ts'
import { isRequestIdFilter, readsRequestId, REQUEST_ID } from '../../expected/request-id.ts'
import { finding, unlessOneOf, type Finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds:
    'every log line has Envoy’s own id of the request, and the id of the load balancer only if there is one',
  check: ({ root, managers }) => [
    ...unlessOneOf(
      managers.map(({ node }) => node.at('preserve_external_request_id')),
      [undefined, false],
      {
        risk: 'A client can send the id of another request, and the audit log cannot separate the two.',
        fix: 'Remove preserve_external_request_id.',
      },
    ),
    ...unlessOneOf(
      managers.map(({ node }) => node.at('generate_request_id')),
      [undefined, true],
      {
        risk: 'The operator cannot find a refusal in the logs.',
        fix: 'Remove generate_request_id: it is on by default.',
      },
    ),
    ...managers.flatMap((manager) => [...unread(manager), ...chosenByClients(manager), ...unlogged(manager)]),
    ...fieldsNamed(root, ['request_rules'])
      .filter((rules) => !readsRequestId(rules))
      .map((rules) =>
        finding(rules, {
          risk: 'A header of the client becomes metadata, which decides whether later filters run.',
          fix: 'Copy request_rules from envoy.yaml: they read the Root of x-amzn-trace-id into quilt_connect.',
        }),
      ),
  ],
}

function unread({ node, filters }: Manager): Finding[] {
  const isRead = filters.some((filter) => isRequestIdFilter(filter) && !filter.node.at('disabled').exists)
  if (isRead) return []
  return [
    finding(node.at('http_filters'), {
      risk: 'The logs of Envoy, authz and consent-ui name the same request differently.',
      fix: 'Copy the filter request_id from envoy.yaml, in front of the others.',
    }),
  ]
}

/** Without a load balancer in front, the header is the client's. */
function chosenByClients({ node }: Manager): Finding[] {
  const isDirect = [undefined, 0].includes(node.at('xff_num_trusted_hops').number)
  const isRemoved = fieldsNamed(node.at('early_header_mutation_extensions'), ['remove']).some(
    ({ text }) => text?.toLowerCase() === TRACE_HEADER,
  )
  if (!isDirect || isRemoved) return []
  return [
    finding(node.at('early_header_mutation_extensions'), {
      risk: 'Clients choose the ids of their requests in every log, and may repeat those of others.',
      fix: `Add remove: ${TRACE_HEADER} to mutations, or set xff_num_trusted_hops to the number of load balancers.`,
    }),
  ]
}

function unlogged({ node }: Manager): Finding[] {
  return node
    .at('access_log')
    .items()
    .map((log) => log.at('typed_config', 'log_format', 'json_format'))
    .filter((format) => format.exists)
    .filter(
      (format) =>
        format.at('request').value !== REQUEST_ID || format.at('x_request_id').value !== '%STREAM_ID%',
    )
    .map((format) =>
      finding(format, {
        risk: 'The operator cannot find the lines of Envoy that belong to a line of authz or consent-ui.',
        fix: `Set request: '${REQUEST_ID}' and x_request_id: '%STREAM_ID%'.`,
      }),
    )
}
