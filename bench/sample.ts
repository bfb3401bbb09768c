/** The figures of one row in one round. Processor times are ms for 1,000 requests at full load. */
export interface Sample {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  readonly envoyCpuMs: number
  readonly authzCpuMs: number
  readonly envoyMiB: number
  readonly authzMiB: number
  /** Answers of 503, which no other figure counts. Any means that the machine was busy. */
  readonly unavailable: number
  /** Requests of Envoy to authz, and streams of the list filter, for each request. */
  readonly calls: number
  readonly listStreams: number
}

export type Figure = keyof Sample

/** Of each row, by its id, one for each round. */
export type Samples = ReadonlyMap<string, readonly Sample[]>
