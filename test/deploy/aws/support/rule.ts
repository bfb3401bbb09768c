import type { Stack } from './evaluate.ts'
import type { Mutant } from './mutate.ts'
import type { Template } from './template.ts'

/** What every stack must keep to, and mistakes that break it. */
export interface Rule {
  readonly title: string
  readonly problems: (stack: Stack, template: Template) => readonly string[]
  readonly mutants: readonly Mutant[]
}

/** The messages whose condition is true. */
export function when(...cases: readonly (readonly [isBroken: boolean, message: string])[]): string[] {
  return cases.filter(([isBroken]) => isBroken).map(([, message]) => message)
}
