import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Store } from '../store/redis.ts'
import { ENLIST_AUTHZ, LIVE_AUTHZ } from './session-scripts.ts'
import { parseJson } from '../http/parse-json.ts'

/** authz processes hear of every change here, and their own beats. */
export const SESSION_CHANGES = 'connect:session-changes'
/** They answer here once they have forgotten the session that changed. */
export const SESSION_CHANGES_ACKNOWLEDGED = 'connect:session-changes:acknowledged'
/** Sorted set: authz process → Redis time of its last beat, in milliseconds. */
const AUTHZ_LIST = 'connect:authz'

export const HEARTBEAT_INTERVAL_MS = 1000
/** Whoever has not beaten for that long is not waited for; it reads the store at each request by then. */
const LIVE_FOR_MS = 3000

const messageSchema = z.union([
  /** `session` was changed or ended; answer with `change`. */
  z.object({ session: z.string(), change: z.string() }),
  /** Of the process named `beat`: the way from this master to whoever hears it is open. */
  z.object({ beat: z.string(), master: z.string(), sentMs: z.number() }),
])
const acknowledgementSchema = z.object({ change: z.string(), by: z.string() })
/** Of the consent-ui process that it names: its subscription to acknowledgements is alive. */
const heartbeatSchema = z.object({ heartbeat: z.string() })

export type SessionMessage = z.infer<typeof messageSchema>
export type AuthzHeartbeat = Extract<SessionMessage, { beat: string }>
export type Acknowledgement = z.infer<typeof acknowledgementSchema>
export type Heartbeat = z.infer<typeof heartbeatSchema>

/** Reads a message of {@link SESSION_CHANGES}; undefined for what another version may send. */
export function readSessionMessage(text: string): SessionMessage | undefined {
  return messageSchema.safeParse(parseJson(text)).data
}

/** Reads a message of {@link SESSION_CHANGES_ACKNOWLEDGED}; undefined for what another version may send. */
export function readAcknowledgement(text: string): Acknowledgement | undefined {
  return acknowledgementSchema.safeParse(parseJson(text)).data
}

/** Reads a heartbeat on {@link SESSION_CHANGES_ACKNOWLEDGED}; undefined for every other message. */
export function readHeartbeat(text: string): Heartbeat | undefined {
  return heartbeatSchema.safeParse(parseJson(text)).data
}

/** Publishes a heartbeat the way that acknowledgements take. */
export async function publishConsentUiHeartbeat(store: Store, heartbeat: Heartbeat): Promise<void> {
  await store.publish(SESSION_CHANGES_ACKNOWLEDGED, JSON.stringify(heartbeat))
}

/** Says that the process has forgotten the session of a change. */
export async function acknowledge(store: Store, acknowledgement: Acknowledgement): Promise<void> {
  await store.publish(SESSION_CHANGES_ACKNOWLEDGED, JSON.stringify(acknowledgement))
}

/**
 * Says at one master of the store that this authz process listens. The message takes the way that a change made
 * at this master would take; in a cluster what other masters publish takes another one.
 */
export async function publishAuthzHeartbeat(master: Redis, beat: AuthzHeartbeat): Promise<void> {
  await master.publish(SESSION_CHANGES, JSON.stringify(beat))
}

/**
 * Enters this authz process in the list of live ones: whoever ends a session waits for it, for 3 s from now.
 *
 * @returns whether it was there; a store that has forgotten it since the last beat may have forgotten sessions too
 */
export async function enlistAuthz(store: Store, authz: string): Promise<boolean> {
  return (await store.eval(ENLIST_AUTHZ, 1, AUTHZ_LIST, authz, LIVE_FOR_MS)) === 1
}

/** Takes an authz process out of the list: it stops, and reads the store for each request until then. */
export async function delistAuthz(store: Store, authz: string): Promise<void> {
  await store.zrem(AUTHZ_LIST, authz)
}

/** The names of the authz processes that are alive. */
export async function liveAuthz(store: Store): Promise<string[]> {
  return (await store.eval(LIVE_AUTHZ, 1, AUTHZ_LIST, LIVE_FOR_MS)) as string[]
}
