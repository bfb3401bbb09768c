/** Envoy's response flags (%RESPONSE_FLAGS%) in words. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ['DC', 'the client closed the connection'],
  ['DF', 'the DNS name of the server behind could not be resolved'],
  ['DI', 'a delay was injected'],
  ['DO', 'Envoy dropped the request: too many were open'],
  ['DPE', 'the client broke the HTTP protocol'],
  ['DR', 'the client reset the request'],
  ['DT', 'the request or connection lasted longer than it may'],
  ['FI', 'a fault was injected'],
  ['IH', 'a header that must be strict has a wrong value'],
  ['LH', "Envoy's own health check failed"],
  ['LR', 'Envoy reset the connection'],
  ['NC', 'the cluster of the route does not exist'],
  ['NFCF', 'the configuration of a network filter is missing'],
  ['NR', 'no route matches'],
  ['OM', 'Envoy refused the request: its memory or connections ran out'],
  ['RFCF', 'a rate limit could not be checked'],
  ['RL', "the address reached Envoy's rate limit"],
  ['RLSE', 'the rate-limit service failed'],
  ['SI', 'the stream lasted longer than it may without data'],
  ['UAEX', 'authz refused the request, or did not answer'],
  ['UC', 'the server behind closed the connection'],
  ['UDO', 'the server behind dropped the request: it is overloaded'],
  ['UF', 'no connection to the server behind'],
  ['UH', 'no healthy server behind'],
  ['UMSDR', 'the server behind sent data for too long'],
  ['UO', 'the limits of the cluster were reached (circuit breaker)'],
  ['UPE', 'the server behind broke the HTTP protocol'],
  ['UR', 'the server behind reset the request'],
  ['URX', 'the retries or connection attempts ran out'],
  ['UT', 'the server behind did not answer in time'],
])

export interface FlagInWords {
  readonly flag: string
  readonly meaning: string
}

/** @param flags - of an access log line, separated by commas; `-` and an empty text are none */
export function flagsInWords(flags: string): FlagInWords[] {
  return flags
    .split(',')
    .filter((flag) => flag !== '' && flag !== '-')
    .map((flag) => ({
      flag,
      meaning: FLAGS.get(flag) ?? 'search the documentation of Envoy for "response flags"',
    }))
}
