import type { ParsedConfig } from './parsed-config.ts'
import type { Filter } from './filter.ts'

/** Every question to authz. */
export function stagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages)
}

/** The questions after the first of each chain. */
export function laterStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(1))
}

/** The first question of each chain. */
export function firstStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(0, 1))
}
