import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** The full name of one host. Envoy strips the port. */
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$/i

export const rule: Rule = {
  holds: 'a request for another host reaches nothing (RFC 9110 section 15.5.20)',
  check: ({ managers }) =>
    managers.flatMap(({ hosts, routes }) =>
      hosts
        .filter((host) => !isNamed(host))
        .filter((host) =>
          routes.some((route) => route.host.path === host.path && route.destination.kind !== 'answer'),
        )
        .map((host) =>
          finding(host.at('domains'), {
            risk: 'A web page reaches the services under its own name (DNS rebinding), and a service sees a Host that an attacker chose.',
            fix: 'Set domains to full host names; answer "*" with a direct_response of status 421.',
          }),
        ),
    ),
}

function isNamed(host: ConfigNode): boolean {
  const domains = host.at('domains').items()
  return domains.length > 0 && domains.every(({ text }) => text !== undefined && HOST_NAME.test(text))
}
