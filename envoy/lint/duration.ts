import type { Spot } from './spot.ts'

/** Seconds of a protobuf duration such as `0.5s`; undefined for what is none. */
export function secondsOf({ text }: Spot): number | undefined {
  return text !== undefined && /^\d{1,9}(\.\d{1,9})?s$/.test(text) ? Number(text.slice(0, -1)) : undefined
}

/** True for a duration above zero and at most `most` seconds. Zero means "for ever" to Envoy. */
export function isBounded(spot: Spot, most: number): boolean {
  const seconds = secondsOf(spot)
  return seconds !== undefined && seconds > 0 && seconds <= most
}
