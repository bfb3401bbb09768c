import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI, type Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Conditions under which the server received no byte of the request. */
const NOTHING_SENT = ['connect-failure', 'reset-before-request']

export const rule: Rule = {
  holds: 'no request runs twice: Envoy retries only at consent-ui, and only if it sent nothing',
  check: ({ root, managers }) => {
    const allowed = managers.flatMap(({ routes }) => routes.filter(isHarmless)).map(policyPathOf)
    return fieldsNamed(root, ['retry_policy'])
      .filter(({ path }) => !allowed.includes(path))
      .map((policy) =>
        finding(policy, {
          risk: 'Envoy repeats a request that the server may have run, so it takes effect twice. Envoy also holds bodies in memory.',
          fix: `Remove retry_policy, or, on a route to ${CONSENT_UI}, set only retry_on: '${NOTHING_SENT.join(',')}'.`,
        }),
      )
  },
}

function isHarmless({ destination, node }: Route): boolean {
  return (
    destination.kind === 'cluster' && destination.cluster === CONSENT_UI && isBeforeSending(policyOf(node))
  )
}

function isBeforeSending(policy: ConfigNode): boolean {
  const conditions = policy.at('retry_on').text?.split(',') ?? ['']
  return conditions.every((condition) => NOTHING_SENT.includes(condition))
}

function policyPathOf({ node }: Route): string {
  return policyOf(node).path
}

function policyOf(route: ConfigNode): ConfigNode {
  return route.at('route', 'retry_policy')
}
