/** The one place where Envoy keeps what any ext_authz filter said, whatever the filter's own name is. */
const NAMESPACE = 'envoy.filters.http.ext_authz'

/** google.protobuf.Struct, of texts and truth values alone. */
export interface Struct {
  readonly fields?: Readonly<Record<string, { readonly stringValue?: string; readonly boolValue?: boolean }>>
}

/** What one check leaves for the next stage and the access log; undefined leaves nothing. */
export type Findings = Readonly<Record<string, string | boolean | undefined>>

/** For the `dynamic_metadata` of an answer. */
export function structOf(findings: Findings): Struct {
  const fields: Record<string, { stringValue: string } | { boolValue: boolean }> = {}
  for (const [name, value] of Object.entries(findings)) {
    if (typeof value === 'string') fields[name] = { stringValue: value }
    if (typeof value === 'boolean') fields[name] = { boolValue: value }
  }
  return { fields }
}

/** The texts that an earlier check left, of the `filter_metadata` which Envoy passes on; no client can write there. */
export function textsOf(metadata: Readonly<Record<string, Struct>> | undefined): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  if (metadata === undefined || !Object.hasOwn(metadata, NAMESPACE)) return texts
  for (const [name, { stringValue }] of Object.entries(metadata[NAMESPACE]?.fields ?? {})) {
    if (stringValue !== undefined) texts.set(name, stringValue)
  }
  return texts
}
