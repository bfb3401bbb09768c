import type { ParsedConfig } from './parsed-config.ts'
import { messagesOf } from './find.ts'
import type { ConfigNode } from './config-node.ts'
import { EXT_PROC } from './types.ts'

/** Every ext_proc filter, at any depth. */
export function listFiltersOf({ root }: ParsedConfig): readonly ConfigNode[] {
  return messagesOf(root, EXT_PROC)
}
