import { AUTHZ_NAMESPACE } from '../config/types.ts'

/** What the first stage says about the second one, under `tool_access` (authz/envoy/stage-metadata.ts). */
export const NOT_NEEDED = { string_match: { exact: 'not_needed' } }
export const NEEDED = { string_match: { exact: 'needed' } }

/** Where one word of authz's stands, as Envoy's matchers write it. */
export function wordAt(key: string): { readonly filter: string; readonly path: readonly object[] } {
  return { filter: AUTHZ_NAMESPACE, path: [{ key }] }
}
