import type { EdgeConfig } from '../config.ts'
import { placeholders } from './placeholders.ts'
import { fillIn } from './template.ts'

/**
 * The configuration that Envoy runs: envoy.yaml with its placeholders filled in, comments and all.
 *
 * @throws TypeError for a placeholder that there is no value for
 */
export function renderEnvoyConfig(config: EdgeConfig): string {
  return fillIn('envoy.yaml', placeholders(config)).toString({
    lineWidth: 0,
    // Envoy's own parser stumbles over some plain texts, such as `x)? }`.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  })
}
