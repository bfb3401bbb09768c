import type { ParsedConfig } from './parsed-config.ts'
import type { Filter } from './filter.ts'

export function stagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages)
}

export function laterStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(1))
}

export function firstStagesOf({ managers }: ParsedConfig): readonly Filter[] {
  return managers.flatMap(({ stages }) => stages.slice(0, 1))
}
