import type { ParsedConfig } from '../../config/parsed-config.ts'
import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'authz knows which stage asks, and settings, numbers and states of stages do not mix',
  check: (parsed) => [...repeatedNames(parsed), ...repeatedStages(parsed)],
}

function repeatedNames({ managers }: ParsedConfig) {
  return managers.flatMap(({ filters, stages }) => [
    ...repeated(filters.map(({ node }) => node.at('name'))).map((name) =>
      finding(name, {
        risk: 'Settings of a route reach both filters of the name, or none.',
        fix: 'Give each filter a name of its own.',
      }),
    ),
    ...(stages.length < 2 ? [] : repeated(stages.map(({ config }) => config.at('stat_prefix')))).map(
      (prefix) =>
        finding(prefix, {
          risk: 'Refusals of both stages are counted as one, so that an alarm cannot tell them apart.',
          fix: 'Give each stage a stat_prefix of its own.',
        }),
    ),
  ])
}

function repeatedStages({ root }: ParsedConfig) {
  const services = fieldsNamed(root, ['grpc_service'])
  if (services.length < 2) return []
  const marks = services.map((service) => {
    const marks = service
      .at('initial_metadata')
      .items()
      .filter((pair) => pair.at('key').value === 'x-stage')
    // Twice is as bad as never; a % is filled in by Envoy, from the request even.
    const [mark, second] = marks
    const isFixed =
      mark !== undefined && second === undefined && /^[a-z_-]+$/.test(mark.at('value').text ?? '')
    return isFixed ? mark.at('value') : service.at('initial_metadata').at('x-stage')
  })
  return repeated(marks).map((mark) =>
    finding(mark, {
      risk: 'authz takes one question for another: a call is judged without its body, or as if it were not a call.',
      fix: 'Give every grpc_service one initial_metadata x-stage with a fixed value of its own.',
    }),
  )
}

/** Where nothing stands, or what another has. */
function repeated(nodes: readonly ConfigNode[]): readonly ConfigNode[] {
  return nodes.filter(({ text }, index) => !text || nodes.findIndex((node) => node.text === text) !== index)
}
