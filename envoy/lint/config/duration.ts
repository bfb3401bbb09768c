import type { ConfigNode } from './config-node.ts'

/** Seconds of a protobuf duration such as `0.5s`. */
export function secondsOf({ text }: ConfigNode): number | undefined {
  return text !== undefined && /^\d{1,9}(\.\d{1,9})?s$/.test(text) ? Number(text.slice(0, -1)) : undefined
}

/** True above 0 and up to `max` seconds. 0s is no limit to Envoy. */
export function isBounded(node: ConfigNode, max: number): boolean {
  const seconds = secondsOf(node)
  return seconds !== undefined && seconds > 0 && seconds <= max
}
