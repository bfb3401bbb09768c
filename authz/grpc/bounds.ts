import type { ServerOptions } from 'node:http2'

/** Envoy opens 16 at most (envoy.yaml), and a new one may begin before the old one has ended. */
export const MOST_CONNECTIONS = 64
/** Longer than any deadline of Envoy's: whoever sends half a request is not waited for. */
export const LONGEST_UNARY_MS = 10_000
/** Checks in flight take milliseconds; whoever holds a call open longer is cut off. */
export const SHUTDOWN_MS = 3000

/** As many requests as Envoy lets through in a second (envoy.yaml): all of their clients may go away at once. */
const RESETS_PER_SECOND = 10_000

/** What one connection may ask of us. */
export const BOUNDS: ServerOptions = {
  settings: {
    enablePush: false,
    maxConcurrentStreams: 1024,
    // Envoy's call has ten short headers; those of the request that it asks about are in the message.
    maxHeaderListSize: 16 * 1024,
  },
  maxHeaderListPairs: 64,
  // Megabytes, of what is written and not yet taken, and of streams that are open.
  maxSessionMemory: 64,
  maxSettings: 32,
  maxOutstandingPings: 10,
  maxSessionInvalidFrames: 100,
  streamResetBurst: RESETS_PER_SECOND,
  streamResetRate: RESETS_PER_SECOND,
}
