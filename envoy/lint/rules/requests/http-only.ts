import { finding } from '../../finding.ts'
import { chainsOf } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import { CONNECTION_MANAGER, typeNamed } from '../../config/types.ts'

const BEFORE = 'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit'

export const rule: Rule = {
  holds: 'every connection ends in an HTTP connection manager, so Envoy forwards no raw bytes',
  check: ({ listeners }) =>
    listeners
      .flatMap((listener) => {
        const chains = chainsOf(listener)
        return chains.length === 0
          ? [listener.at('filter_chains')]
          : chains.map((chain) => chain.at('filters'))
      })
      .filter((filters) => {
        const types = filters.items().map((filter) => typeNamed(filter.at('typed_config', '@type').text))
        return types.at(-1) !== CONNECTION_MANAGER || types.slice(0, -1).some((type) => type !== BEFORE)
      })
      .map((filters) =>
        finding(filters, {
          risk: 'Connections here reach a service without authz.',
          fix: 'End filters in one HttpConnectionManager, with only connection_limit before it.',
        }),
      ),
}
