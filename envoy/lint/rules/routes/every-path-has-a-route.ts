import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'what no other route takes is answered by Envoy, asked about or not, and reaches no service',
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
    risk: 'Where no route is found Envoy does not ask authz, so what such a request meets is not decided in this file.',
    fix: 'Let the last route be match: { prefix: / } with direct_response: { status: 404 }.',
  })
}
