import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** A name of one host, without a port, which is stripped before. */
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$/i

export const rule: Rule = {
  holds: 'a request that names a host which is not ours reaches nothing (RFC 9110 section 15.5.20)',
  check: ({ managers }) =>
    managers.flatMap(({ hosts, routes }) =>
      hosts
        .filter((host) => !isNamed(host))
        .filter((host) =>
          routes.some((route) => route.host.path === host.path && route.destination.kind !== 'answer'),
        )
        .map((host) =>
          finding(host.at('domains'), {
            risk: 'A web page reaches the services under a name of its own (DNS rebinding), and a Host of an attacker’s choice gets behind the gate.',
            fix: 'Name the hosts in full; let "*" answer by itself, with status 421.',
          }),
        ),
    ),
}

function isNamed(host: ConfigNode): boolean {
  const domains = host.at('domains').items()
  return domains.length > 0 && domains.every(({ text }) => text !== undefined && HOST_NAME.test(text))
}
