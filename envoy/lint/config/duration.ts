import type { ConfigNode } from './config-node.ts'

/** Seconds of a protobuf duration such as `0.5s`; undefined for what is none. */
export function secondsOf({ text }: ConfigNode): number | undefined {
  return text !== undefined && /^\d{1,9}(\.\d{1,9})?s$/.test(text) ? Number(text.slice(0, -1)) : undefined
}

/** True for a duration above zero and at most `most` seconds. Zero means "for ever" to Envoy. */
export function isBounded(node: ConfigNode, most: number): boolean {
  const seconds = secondsOf(node)
  return seconds !== undefined && seconds > 0 && seconds <= most
}
