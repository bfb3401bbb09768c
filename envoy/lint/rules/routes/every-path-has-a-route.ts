import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'Envoy answers every request that no other route matches',
  check: ({ managers }) =>
    managers.flatMap(({ hosts, node }) => {
      if (hosts.length === 0) return [refuse(node.at('route_config', 'virtual_hosts'))]
      return hosts.filter((host) => !endsWithAnAnswer(host)).map((host) => refuse(host.at('routes')))
    }),
}

function endsWithAnAnswer(host: ConfigNode): boolean {
  const last = host.at('routes').items().at(-1)
  if (last === undefined) return false
  const match = last.at('match')
  return match.at('prefix').value === '/' && match.entries().length === 1 && last.at('direct_response').exists
}

function refuse(node: ConfigNode) {
  return finding(node, {
    risk: 'Without a matching route Envoy does not ask authz, so this file does not decide about the request.',
    fix: 'End routes with match: { prefix: / } and direct_response: { status: 404 }.',
  })
}
