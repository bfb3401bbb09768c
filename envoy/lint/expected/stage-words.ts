import { AUTHZ_NAMESPACE } from '../config/types.ts'

/** The values of `tool_access` in the metadata of authenticate (authz/envoy/stage-metadata.ts). */
export const NOT_NEEDED = { string_match: { exact: 'not_needed' } }
export const NEEDED = { string_match: { exact: 'needed' } }

/** The place of a key in the metadata of authz, as Envoy's matchers name it. */
export function wordAt(key: string): { readonly filter: string; readonly path: readonly object[] } {
  return { filter: AUTHZ_NAMESPACE, path: [{ key }] }
}
