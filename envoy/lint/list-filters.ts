import type { Edge } from './edge.ts'
import { messagesOf } from './find.ts'
import type { Spot } from './spot.ts'
import { EXT_PROC } from './types.ts'

/** Every ext_proc filter, wherever it stands. */
export function listFiltersOf({ root }: Edge): readonly Spot[] {
  return messagesOf(root, EXT_PROC)
}
