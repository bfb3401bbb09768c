import type { ParsedConfig } from '../../config/parsed-config.ts'
import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'each stage has its own name, x-stage and stat_prefix',
  check: (parsed) => [...repeatedNames(parsed), ...repeatedStages(parsed)],
}

function repeatedNames({ managers }: ParsedConfig) {
  return managers.flatMap(({ filters, stages }) => [
    ...repeated(filters.map(({ node }) => node.at('name'))).map((name) =>
      finding(name, {
        risk: 'Settings of a route apply to both filters of this name, or to none.',
        fix: 'Set a different name for each filter.',
      }),
    ),
    ...(stages.length < 2 ? [] : repeated(stages.map(({ config }) => config.at('stat_prefix')))).map(
      (prefix) =>
        finding(prefix, {
          risk: 'Envoy counts refusals of both stages together, so an alarm cannot separate them.',
          fix: 'Set a different stat_prefix for each stage.',
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
    // Envoy replaces a %…% by a value, even one of the request.
    const [mark, second] = marks
    const isFixed =
      mark !== undefined && second === undefined && /^[a-z_-]+$/.test(mark.at('value').text ?? '')
    return isFixed ? mark.at('value') : service.at('initial_metadata').at('x-stage')
  })
  return repeated(marks).map((mark) =>
    finding(mark, {
      risk: 'authz takes one stage for another: it judges a call without its body, or as if it were no call.',
      fix: 'Set one initial_metadata x-stage in every grpc_service, with a different fixed value.',
    }),
  )
}

/** Nodes without a text, or with the text of an earlier one. */
function repeated(nodes: readonly ConfigNode[]): readonly ConfigNode[] {
  return nodes.filter(({ text }, index) => !text || nodes.findIndex((node) => node.text === text) !== index)
}
