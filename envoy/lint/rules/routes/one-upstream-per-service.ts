import { isDeepStrictEqual } from 'node:util'
import { addressesOf } from '../../config/cluster.ts'
import type { ParsedConfig } from '../../config/parsed-config.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI, type Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a service has one cluster and a cluster one service; none has the address of consent-ui',
  check: (parsed) => [...mixed(parsed), ...shared(parsed)],
}

function mixed({ managers }: ParsedConfig) {
  const routes = managers.flatMap((manager) => manager.routes).filter(({ needsAuthz }) => needsAuthz)
  return routes
    .filter((route) => routes.some((other) => sameService(route, other) !== sameCluster(route, other)))
    .map(({ node }) =>
      finding(node, {
        risk: 'A token for one service opens another service with the same name.',
        fix: 'Set one cluster for each service, and its own name in context_extensions.service.',
      }),
    )
}

function sameService(one: Route, other: Route): boolean {
  return serviceOf(one) === serviceOf(other)
}

function serviceOf({ stages: [first] }: Route): string | undefined {
  return first?.context.get('service')
}

function sameCluster(one: Route, other: Route): boolean {
  return isDeepStrictEqual(one.destination, other.destination)
}

function shared({ clusters, cluster }: ParsedConfig) {
  const open = cluster(CONSENT_UI)
  if (open === undefined) return []
  const addresses = addressesOf(open)
  return clusters
    .filter((other) => other.path !== open.path)
    .flatMap(addressesOf)
    .filter((address) => addresses.some(({ value }) => isDeepStrictEqual(value, address.value)))
    .map((address) =>
      finding(address, {
        risk: `Requests reach ${CONSENT_UI} without authz, and this is the same server.`,
        fix: 'Set a different address for each cluster.',
      }),
    )
}
