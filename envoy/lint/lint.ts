import { parseConfig, type ParsedConfig } from './config/parsed-config.ts'
import type { Finding } from './finding.ts'
import type { EnvoyConfig } from './config/read-config.ts'
import { RULES } from './rules.ts'

export interface RuleFinding extends Finding {
  readonly rule: string
}

export interface LintResult {
  readonly findings: readonly RuleFinding[]
  readonly holding: number
  /** The routes without authz, and where each leads, without repetitions. */
  readonly open: readonly string[]
}

/** Checks an Envoy configuration (readEnvoyConfig) by every rule. */
export function lint(config: EnvoyConfig): LintResult {
  const parsed = parseConfig(config)
  const results = RULES.map((rule) => rule.check(parsed).map((found) => ({ rule: rule.name, ...found })))
  return {
    findings: results.flat(),
    holding: results.filter((found) => found.length === 0).length,
    open: openRoutesOf(parsed),
  }
}

function openRoutesOf({ managers }: ParsedConfig): readonly string[] {
  const open = managers
    .flatMap(({ routes }) => routes)
    .filter(({ stages }) => stages.some(({ state }) => state === 'off'))
    .map(({ name, destination }) => {
      switch (destination.kind) {
        case 'answer':
          return `${name}: Envoy answers ${destination.status}`
        case 'cluster':
          return `${name}: ${destination.cluster}`
        case 'unclear':
          return `${name}: unclear`
      }
    })
  return [...new Set(open)]
}
