import type { Edge } from './edge.ts'
import type { Filter } from './filter.ts'

/** Every question to authz. */
export function stagesOf({ managers }: Edge): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages)
}

/** The questions after the first of each chain. */
export function laterStagesOf({ managers }: Edge): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(1))
}

/** The first question of each chain. */
export function firstStagesOf({ managers }: Edge): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(0, 1))
}
