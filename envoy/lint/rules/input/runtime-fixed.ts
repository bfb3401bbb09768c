import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Settings of the runtime that change no decision. */
const HARMLESS = ['re2.max_program_size.error_level', 're2.max_program_size.warn_level']

export const rule: Rule = {
  holds: 'no runtime setting can switch off a check or a fix of Envoy, now or while it runs',
  check({ root }) {
    const layers = root.at('layered_runtime', 'layers').items()
    const fields = layers.flatMap((layer) => layer.entries())
    const kinds = fields.filter(([name]) => name !== 'name' && name !== 'static_layer')
    const settings = layers.flatMap((layer) => layer.at('static_layer').entries())
    return [
      ...kinds.map(([name, node]) =>
        finding(node, {
          risk: `A ${name} changes settings while Envoy runs, those that a filter is switched off by among them.`,
          fix: 'Keep only layers with static_layer.',
        }),
      ),
      ...settings
        .filter(([name]) => !HARMLESS.includes(name))
        .map(([name, node]) =>
          finding(node, {
            risk: `${name} may undo a security fix (envoy.reloadable_features.*), or a limit of this file.`,
            fix: 'Take it out, or add it to the harmless ones of envoy/lint/rules/input/runtime-fixed.ts.',
          }),
        ),
    ]
  },
}
