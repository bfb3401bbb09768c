import type { ParsedConfig } from './parsed-config.ts'
import type { Filter } from './filter.ts'

/** All stages. */
export function stagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages)
}

/** All stages but the first of each chain. */
export function laterStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(1))
}

/** The first stage of each chain. */
export function firstStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(0, 1))
}
