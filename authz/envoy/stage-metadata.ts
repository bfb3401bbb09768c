/** Envoy's namespace for the metadata of every ext_authz filter, whatever the filter's name. */
const NAMESPACE = 'envoy.filters.http.ext_authz'

/** google.protobuf.Struct with strings and booleans only. */
export interface Struct {
  readonly fields?: Readonly<Record<string, { readonly stringValue?: string; readonly boolValue?: boolean }>>
}

/** For the next stage and the access log; undefined members are omitted. */
export type Findings = Readonly<Record<string, string | boolean | undefined>>

export function structOf(findings: Findings): Struct {
  const fields: Record<string, { stringValue: string } | { boolValue: boolean }> = {}
  for (const name in findings) {
    const value = findings[name]
    if (typeof value === 'string') fields[name] = { stringValue: value }
    if (typeof value === 'boolean') fields[name] = { boolValue: value }
  }
  return { fields }
}

/** Reads the strings that an earlier stage left in Envoy's `filter_metadata`; clients cannot write there. */
export function textsOf(metadata: Readonly<Record<string, Struct>> | undefined): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  if (metadata === undefined || !Object.hasOwn(metadata, NAMESPACE)) return texts
  for (const [name, { stringValue }] of Object.entries(metadata[NAMESPACE]?.fields ?? {})) {
    if (stringValue !== undefined) texts.set(name, stringValue)
  }
  return texts
}
