/** What one round found of one row. Processor times are milliseconds for 1,000 requests, at full load. */
export interface Sample {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  readonly envoyCpuMs: number
  readonly authzCpuMs: number
  readonly envoyMiB: number
  readonly authzMiB: number
  /** Requests that were answered 503, which count in nothing else: more than none says that the machine is busy. */
  readonly unavailable: number
  /** Of Envoy to authz, for each request; and streams of the list filter. */
  readonly calls: number
  readonly listStreams: number
}

export type Figure = keyof Sample
