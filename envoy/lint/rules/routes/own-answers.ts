import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Of the list filter, which only answers of MCP services pass. */
const LIST_FILTER_DETAILS = 'ext_proc_error_per-message_timeout_exceeded'
const FIRST_REFUSAL = 400

export const rule: Rule = {
  holds: 'Envoy’s own answers are OAuth JSON, or JSON-RPC on routes that ask for it',
  check: ({ managers }) => managers.flatMap((manager) => [...misplacedJsonRpc(manager), ...noLast(manager)]),
}

function misplacedJsonRpc(manager: Manager) {
  return mappersOf(manager)
    .filter((mapper) => bodyOf(mapper).includes('"jsonrpc"') && !isForMcp(mapper.at('filter')))
    .map((mapper) =>
      finding(mapper.at('filter'), {
        risk: 'A client that gets JSON-RPC at the token endpoint discards its tokens and opens a browser.',
        fix: "Add to its filter the expression xds.route_metadata.filter_metadata['quilt_connect']['answers'] == 'json_rpc'.",
      }),
    )
}

function isForMcp(filter: ConfigNode): boolean {
  const filters = filter.at('and_filter').exists ? filter.at('and_filter', 'filters').items() : [filter]
  const expressions = filters.map(
    (each) => each.at('extension_filter', 'typed_config', 'expression').text ?? '',
  )
  return expressions.some(
    (expression) =>
      /^xds\.route_metadata\.filter_metadata\['quilt_connect'\]\['answers'\] == 'json_rpc'$/.test(
        expression,
      ) || expression === `response.code_details == '${LIST_FILTER_DETAILS}'`,
  )
}

function noLast(manager: Manager) {
  const mappers = manager.node.at('local_reply_config', 'mappers')
  const last = mappersOf(manager).at(-1)
  if (last !== undefined && takesEveryRefusal(last.at('filter')) && isOAuth(last)) return []
  return [
    finding(last ?? mappers, {
      risk: 'Envoy answers in plain text, which clients cannot read: at the token endpoint they discard their tokens.',
      fix: `End mappers with one for every status from ${FIRST_REFUSAL} on, with content_type application/json and a body with "error" (RFC 6749 section 5.2).`,
    }),
  ]
}

function takesEveryRefusal(filter: ConfigNode): boolean {
  const comparison = filter.at('status_code_filter', 'comparison')
  const isFrom =
    comparison.at('op').text === 'GE' && comparison.at('value', 'default_value').number === FIRST_REFUSAL
  return filter.entries().length === 1 && isFrom
}

function isOAuth(mapper: ConfigNode): boolean {
  const isJson = mapper.at('body_format_override', 'content_type').text === 'application/json'
  return isJson && bodyOf(mapper).startsWith('{"error":"')
}

function mappersOf({ node }: Manager): readonly ConfigNode[] {
  return node.at('local_reply_config', 'mappers').items()
}

function bodyOf(mapper: ConfigNode): string {
  return mapper.at('body_format_override', 'text_format_source', 'inline_string').text ?? ''
}
