import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Store } from '../store/redis.ts'
import { ENLIST_PROCESS, LIVE_PROCESSES } from './session-scripts.ts'
import { parseJson } from '../http/parse-json.ts'

/** Channel with session changes and authz's heartbeats. */
export const SESSION_CHANGES = 'connect:session-changes'
/** Channel on which processes acknowledge a change. */
export const SESSION_CHANGES_ACKNOWLEDGED = 'connect:session-changes:acknowledged'
/** Sorted sets: process → Redis time of its last heartbeat, in milliseconds. */
const AUTHZ_LIST = 'connect:authz'
const CONSENT_UI_LIST = 'connect:consent-ui'

export const HEARTBEAT_INTERVAL_MS = 1000
/** No change waits for a process with an older heartbeat: by then an authz process reads Redis at each request. */
const LIVE_FOR_MS = 3000

const messageSchema = z.union([
  /** `session` was changed or ended; `change` is for the acknowledgement. */
  z.object({ session: z.string(), change: z.string() }),
  /** A heartbeat of the authz process named `beat`, published at `master`. */
  z.object({ beat: z.string(), master: z.string(), sentMs: z.number() }),
])
const acknowledgementSchema = z.object({ change: z.string(), by: z.string() })
/** A heartbeat of the consent-ui process that it names. */
const heartbeatSchema = z.object({ heartbeat: z.string() })

export type SessionMessage = z.infer<typeof messageSchema>
export type AuthzHeartbeat = Extract<SessionMessage, { beat: string }>
export type Acknowledgement = z.infer<typeof acknowledgementSchema>
export type ConsentUiHeartbeat = z.infer<typeof heartbeatSchema>

/** Reads a message of {@link SESSION_CHANGES}; undefined for a message of another version. */
export function readSessionMessage(text: string): SessionMessage | undefined {
  return messageSchema.safeParse(parseJson(text)).data
}

export function readAcknowledgement(text: string): Acknowledgement | undefined {
  return acknowledgementSchema.safeParse(parseJson(text)).data
}

export function readConsentUiHeartbeat(text: string): ConsentUiHeartbeat | undefined {
  return heartbeatSchema.safeParse(parseJson(text)).data
}

export async function publishConsentUiHeartbeat(store: Store, heartbeat: ConsentUiHeartbeat): Promise<void> {
  await store.publish(SESSION_CHANGES_ACKNOWLEDGED, JSON.stringify(heartbeat))
}

export async function acknowledge(store: Store, acknowledgement: Acknowledgement): Promise<void> {
  await store.publish(SESSION_CHANGES_ACKNOWLEDGED, JSON.stringify(acknowledgement))
}

/** Publishes a heartbeat at one master: it takes the same way as changes from that master. */
export async function publishAuthzHeartbeat(master: Redis, beat: AuthzHeartbeat): Promise<void> {
  await master.publish(SESSION_CHANGES, JSON.stringify(beat))
}

/**
 * Enters an authz process in the list of live ones for 3 s: a revocation waits for its acknowledgement.
 *
 * @returns false if it was not in the list; after a heartbeat, this means that Redis lost data
 */
export async function enlistAuthz(store: Store, authz: string): Promise<boolean> {
  return (await store.eval(ENLIST_PROCESS, 1, AUTHZ_LIST, authz, LIVE_FOR_MS)) === 1
}

/** Removes an authz process from the list; it must read Redis at each request from then on. */
export async function delistAuthz(store: Store, authz: string): Promise<void> {
  await store.zrem(AUTHZ_LIST, authz)
}

export async function liveAuthz(store: Store): Promise<string[]> {
  return await live(store, AUTHZ_LIST)
}

/** Enters a consent-ui process in its own list for 3 s: only a block or stop waits for its acknowledgement. */
export async function enlistConsentUi(store: Store, consentUi: string): Promise<void> {
  await store.eval(ENLIST_PROCESS, 1, CONSENT_UI_LIST, consentUi, LIVE_FOR_MS)
}

export async function delistConsentUi(store: Store, consentUi: string): Promise<void> {
  await store.zrem(CONSENT_UI_LIST, consentUi)
}

export async function liveConsentUi(store: Store): Promise<string[]> {
  return await live(store, CONSENT_UI_LIST)
}

async function live(store: Store, list: string): Promise<string[]> {
  return (await store.eval(LIVE_PROCESSES, 1, list, LIVE_FOR_MS)) as string[]
}
