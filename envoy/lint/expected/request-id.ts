import { isDeepStrictEqual } from 'node:util'
import { TRACE_HEADER, TRACE_ROOT } from '../../../core/http/request-id.ts'
import type { Filter } from '../config/filter.ts'
import type { ConfigNode } from '../config/config-node.ts'
import { HEADER_TO_METADATA } from '../config/types.ts'

const OPERATORS = {
  operators: [{ command: 'DYNAMIC_METADATA', param: 'quilt_connect:request' }, 'STREAM_ID'],
}

/** The argument of COALESCE in the access log: the load balancer's id, else Envoy's. */
export const REQUEST_ID_ARGUMENT = JSON.stringify(OPERATORS)
export const REQUEST_ID = `%COALESCE(${REQUEST_ID_ARGUMENT})%`

/** The rest of the value is dropped; without a Root, all of it. */
const RULES = [
  {
    header: TRACE_HEADER,
    on_header_present: {
      metadata_namespace: 'quilt_connect',
      key: 'request',
      regex_value_rewrite: { pattern: { regex: `${TRACE_ROOT.source}|^.*$` }, substitution: String.raw`\1` },
    },
  },
]

/** True for request_rules that read the id, and no other header into no other metadata. */
export function readsRequestId(rules: ConfigNode): boolean {
  return isDeepStrictEqual(rules.value, RULES)
}

/** True for the filter that reads the id; its type also reads answers of services. */
export function isRequestIdFilter({ type, config }: Filter): boolean {
  return (
    type === HEADER_TO_METADATA && config.at('request_rules').exists && !config.at('response_rules').exists
  )
}
