import type { EdgeConfig } from '../config.ts'
import { placeholders } from './placeholders.ts'
import { fillIn } from './template.ts'

/**
 * Fills the placeholders of envoy.yaml, and keeps its comments.
 *
 * @throws TypeError for a placeholder without a value
 */
export function renderEnvoyConfig(config: EdgeConfig): string {
  return fillIn('envoy.yaml', placeholders(config)).toString({
    lineWidth: 0,
    // Envoy's parser fails on some plain texts, such as `x)? }`.
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  })
}
