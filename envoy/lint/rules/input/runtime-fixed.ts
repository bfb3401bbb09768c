import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Runtime settings that change no decision. */
const HARMLESS = ['re2.max_program_size.error_level', 're2.max_program_size.warn_level']

export const rule: Rule = {
  holds: 'no runtime setting can switch off a check or a security fix, now or later',
  check({ root }) {
    const layers = root.at('layered_runtime', 'layers').items()
    const fields = layers.flatMap((layer) => layer.entries())
    const kinds = fields.filter(([name]) => name !== 'name' && name !== 'static_layer')
    const settings = layers.flatMap((layer) => layer.at('static_layer').entries())
    return [
      ...kinds.map(([name, node]) =>
        finding(node, {
          risk: `A ${name} changes settings while Envoy runs, and some settings switch filters off.`,
          fix: 'Remove the layer: use only static_layer.',
        }),
      ),
      ...settings
        .filter(([name]) => !HARMLESS.includes(name))
        .map(([name, node]) =>
          finding(node, {
            risk: `${name} may undo a security fix (envoy.reloadable_features.*), or a limit of this file.`,
            fix: 'Remove the setting, or add it to HARMLESS in envoy/lint/rules/input/runtime-fixed.ts.',
          }),
        ),
    ]
  },
}
