import { isRequestIdFilter } from '../../expected/request-id.ts'
import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import {
  ANSWER_FILTERS,
  BUFFER,
  COMPOSITE,
  CORS,
  EXT_AUTHZ,
  HEALTH_CHECK,
  LOCAL_RATE_LIMIT,
  ROUTER,
} from '../../config/types.ts'

/** Filters that change neither a request nor its route. */
const BEFORE = [HEALTH_CHECK, CORS, LOCAL_RATE_LIMIT]
const AFTER = [BUFFER, COMPOSITE, ...ANSWER_FILTERS]

export const rule: Rule = {
  holds:
    'only the other stages, a body limit, filters of answers and, at the end, the router follow authenticate',
  check: ({ managers }) => managers.flatMap((manager) => misplaced(manager)),
}

function misplaced({ filters, node }: Manager) {
  const isStage = ({ type }: { readonly type: string }): boolean => type === EXT_AUTHZ
  const [first, last] = [filters.findIndex(isStage), filters.findLastIndex(isStage)]
  const wrong = filters.filter((filter, index) => {
    const { type } = filter
    if (index === filters.length - 1) return type !== ROUTER
    if (index > last) return !(last === -1 ? [...BEFORE, ...AFTER] : AFTER).includes(type)
    if (index < first) return !BEFORE.includes(type) && !isRequestIdFilter(filter)
    return type !== EXT_AUTHZ
  })
  const places = filters.length === 0 ? [node.at('http_filters')] : wrong.map((filter) => filter.node)
  return places.map((place) =>
    finding(place, {
      risk: 'A filter here may change the request or its route after authz allowed it, or answer or buffer it before.',
      fix: 'Use this order: request_id, health_check, cors, local_ratelimit, the stages of ext_authz, buffer, list filter (Composite), header_mutation, header_to_metadata, custom_response, router.',
    }),
  )
}
