import type { Edge } from './edge.ts'
import type { Finding } from './finding.ts'

/** One thing that must hold, whatever else is tuned. */
export interface Rule {
  /** The file's, too. */
  readonly name: string
  /** What holds where nothing is found, in one sentence. */
  readonly holds: string
  /** Every place where it does not hold; a shape that the rule cannot read is one. */
  check(edge: Edge): readonly Finding[]
}
