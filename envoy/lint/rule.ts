import type { ParsedConfig } from './config/parsed-config.ts'
import type { Finding } from './finding.ts'

/** One condition that every configuration must meet: a file of rules/ exports it as `rule`. */
export interface Rule {
  /** The property that holds when nothing is found, in one sentence. */
  readonly holds: string
  /** Every place that breaks the rule; a shape that the rule cannot read is one. */
  check(parsed: ParsedConfig): readonly Finding[]
}
