import type { McpReadAccess } from '../../core/services/service.ts'

/** What a session of access `read` may do at a service. */
export type ReadAccess = Pick<McpReadAccess, 'tools' | 'methods'>

/** What somebody wants to do: a method, and for `tools/call` the tool. */
export interface Use {
  readonly method: string
  readonly name?: string | undefined
}

/**
 * The one rule what a session of access `read` may do: a request is judged by it, and a list shows what it says yes
 * to. Whatever is not named in the service's entry is refused.
 */
export function mayUse(read: ReadAccess, { method, name }: Use): boolean {
  if (!read.methods.has(method)) return false
  return method !== 'tools/call' || (name !== undefined && read.tools.has(name))
}
