import { join } from 'node:path'
import process from 'node:process'

/** With it, a process of ours starts in half the time: Node compiles each file once for all of them. */
export const COMPILE_CACHE =
  process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, '../../node_modules/.compile-cache')

/** What a process gets that a test starts: these variables, and of this process's own only Node's cache. */
export function childEnvironment<Variables extends object>(
  variables: Variables,
): Variables & { readonly NODE_COMPILE_CACHE: string } {
  return { ...variables, NODE_COMPILE_CACHE: COMPILE_CACHE }
}
