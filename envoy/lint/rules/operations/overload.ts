import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { typeNamed } from '../../config/types.ts'

const MONITORS = 'envoy.extensions.resource_monitors'
const CONNECTIONS = `${MONITORS}.downstream_connections.v3.DownstreamConnectionsConfig`
const MEMORY = [
  `${MONITORS}.fixed_heap.v3.FixedHeapConfig`,
  `${MONITORS}.cgroup_memory.v3.CgroupMemoryConfig`,
]
const STOP = 'envoy.overload_actions.stop_accepting_requests'

export const rule: Rule = {
  holds: 'Envoy limits connections, and refuses requests before memory runs out',
  check({ root }) {
    const manager = root.at('overload_manager')
    const isCounted = namesOf(manager, [CONNECTIONS]).length > 0
    if (isCounted && stopsFor(manager, namesOf(manager, MEMORY))) return []
    return [
      finding(manager, {
        risk: 'A flood of connections or of large requests kills Envoy, and with it every open stream.',
        fix: 'Add resource_monitors for downstream connections and memory (fixed_heap or cgroup_memory), and the action stop_accepting_requests for memory.',
      }),
    ]
  },
}

/** Triggers refer to monitors by name. */
function namesOf(manager: ConfigNode, types: readonly string[]): readonly (string | undefined)[] {
  return manager
    .at('resource_monitors')
    .items()
    .filter((monitor) => types.includes(typeNamed(monitor.at('typed_config', '@type').text) ?? ''))
    .map((monitor) => monitor.at('name').text)
}

function stopsFor(manager: ConfigNode, monitors: readonly (string | undefined)[]): boolean {
  return manager
    .at('actions')
    .items()
    .filter((action) => action.at('name').value === STOP)
    .flatMap((action) => action.at('triggers').items())
    .some((trigger) => {
      const threshold = trigger.at('threshold', 'value').number ?? 2
      return threshold < 1 && monitors.includes(trigger.at('name').text)
    })
}
