import { finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { EXT_AUTHZ, LOCAL_RATE_LIMIT } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'Envoy limits the requests of each client address before it asks authz',
  check: ({ managers }) =>
    managers
      .filter((manager) => !isLimited(manager))
      .map(({ node }) =>
        finding(node.at('http_filters'), {
          risk: 'One attacker can keep authz and the Registry busy with invented tokens.',
          fix: 'Add local_ratelimit before ext_authz, with filter_enabled and filter_enforced at 100 percent and a bucket per masked_remote_address.',
        }),
      ),
}

function isLimited({ filters }: Manager): boolean {
  const authz = filters.findIndex(({ type }) => type === EXT_AUTHZ)
  return filters
    .slice(0, authz === -1 ? filters.length : authz)
    .some(({ type, config }) => type === LOCAL_RATE_LIMIT && isEnforced(config) && isPerAddress(config))
}

function isEnforced(config: ConfigNode): boolean {
  return ['filter_enabled', 'filter_enforced'].every((name) => {
    const { numerator, denominator } = { numerator: 0, denominator: '', ...percentOf(config.at(name)) }
    return numerator === 100 && denominator === 'HUNDRED'
  })
}

function percentOf(fraction: ConfigNode): object {
  const { value } = fraction.at('default_value')
  return typeof value === 'object' && value !== null ? value : {}
}

function isPerAddress(config: ConfigNode): boolean {
  const actions = config
    .at('rate_limits')
    .items()
    .flatMap((limit) => limit.at('actions').items())
  const entries = config
    .at('descriptors')
    .items()
    .flatMap((descriptor) => descriptor.at('entries').items())
  return (
    actions.some(
      (action) => action.at('masked_remote_address').exists || action.at('remote_address').exists,
    ) && entries.some((entry) => /^(masked_)?remote_address$/.test(entry.at('key').text ?? ''))
  )
}
