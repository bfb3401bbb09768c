import type { Redis } from 'ioredis'
import { z } from 'zod'
import { BEAT } from './session-scripts.ts'

/** authz processes hear of every change here, and their own beats. */
export const SESSION_CHANGES = 'connect:session-changes'
/** They answer here once they have forgotten the session that changed. */
export const SESSION_CHANGES_ACKNOWLEDGED = 'connect:session-changes:acknowledged'
/** Sorted set: authz process → Redis time of its last beat, in milliseconds. */
const LIVE_AUTHZ = 'connect:authz'

export const BEAT_INTERVAL_MS = 1000
/** Whoever has not beaten for that long is not waited for; it reads the store at each request by then. */
const LIVE_FOR_MS = 3000

const messageSchema = z.union([
  /** `session` was changed or ended; answer with `change`. */
  z.object({ session: z.string(), change: z.string() }),
  /** The process named `beat` is alive, and so is the channel. */
  z.object({ beat: z.string() }),
])
const acknowledgementSchema = z.object({ change: z.string(), by: z.string() })

export type SessionMessage = z.infer<typeof messageSchema>
export type Acknowledgement = z.infer<typeof acknowledgementSchema>

/** Reads a message of {@link SESSION_CHANGES}; undefined for what another version may send. */
export function readSessionMessage(text: string): SessionMessage | undefined {
  return messageSchema.safeParse(JSON.parse(text)).data
}

/** Reads a message of {@link SESSION_CHANGES_ACKNOWLEDGED}. */
export function readAcknowledgement(text: string): Acknowledgement | undefined {
  return acknowledgementSchema.safeParse(JSON.parse(text)).data
}

/** Says that the process has forgotten the session of a change. */
export async function acknowledge(redis: Redis, acknowledgement: Acknowledgement): Promise<void> {
  await redis.publish(SESSION_CHANGES_ACKNOWLEDGED, JSON.stringify(acknowledgement))
}

/** Says on the channel, and in the list of live processes, that this authz process is alive. */
export async function beat(redis: Redis, authz: string): Promise<void> {
  const message = JSON.stringify({ beat: authz })
  await redis.eval(BEAT, 1, LIVE_AUTHZ, authz, SESSION_CHANGES, message, LIVE_FOR_MS)
}

/** The names of the authz processes that are alive. */
export async function liveAuthz(redis: Redis): Promise<string[]> {
  const [seconds, microseconds] = (await redis.time()) as [number | string, number | string]
  const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
  return await redis.zrangebyscore(LIVE_AUTHZ, now - LIVE_FOR_MS, '+inf')
}
