import { GrpcError, STATUS } from './status.ts'

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/**
 * For how many milliseconds the caller waits (grpc-timeout: at most eight digits and a unit); undefined where it
 * does not say.
 *
 * @throws GrpcError for what is no timeout
 */
export function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  if (unitMs === undefined) throw new GrpcError(STATUS.INTERNAL, 'grpc-timeout is malformed')
  return Number(digits) * unitMs
}
