import { z } from 'zod'
import { parseJson } from '../http/parse-json.ts'
import type { Store } from '../store/redis.ts'
import { REPORT_USE } from './session-scripts.ts'
import { sessionKey } from './session-store.ts'

/** Of the browser in which the user approved a session; for the user's own page only. */
export interface OpenedFrom {
  readonly knownBy: 'configuration' | 'document' | 'registration'
  /** Browser and system in words; empty if unknown. */
  readonly device: string
  /** The address block: IPv4 /24, IPv6 /48 or a configured egress range; empty if unknown. */
  readonly network: string
}

/** Use of a session since the last report. */
export interface SessionUse {
  /** Seconds since 1970. */
  readonly at: number
  readonly tools: readonly string[]
}

export interface SessionDetails {
  readonly openedFrom: OpenedFrom | undefined
  /** Last use, with the tools used lately, the last one first; undefined before the first report. */
  readonly use: SessionUse | undefined
}

/** Of one session; the ones used last are kept. */
export const MAX_TOOLS_KEPT = 8
/** Names that are longer, or hold other characters, are not kept: clients write them. */
const TOOL_NAME = /^[\w./:-]{1,64}$/

const openedFromSchema = z.object({
  knownBy: z.enum(['configuration', 'document', 'registration']),
  device: z.string(),
  network: z.string(),
})
const toolsSchema = z.array(z.string())

export function isKeptToolName(name: string): boolean {
  return TOOL_NAME.test(name)
}

/** Reads what authz never needs. A field that cannot be read counts as absent. */
export async function readSessionDetails(store: Store, id: string): Promise<SessionDetails> {
  const [openedFrom, at, tools] = await store.hmget(sessionKey(id), 'opened_from', 'used_at', 'used_tools')
  return {
    openedFrom: openedFromSchema.safeParse(parseJson(openedFrom ?? '')).data,
    use:
      typeof at === 'string'
        ? { at: Number(at), tools: toolsSchema.safeParse(parseJson(tools ?? '')).data ?? [] }
        : undefined,
  }
}

/** Adds a use to a session; an ended session stays ended. Several authz processes may report the same session. */
export async function reportUse(store: Store, id: string, { at, tools }: SessionUse): Promise<void> {
  await store.eval(REPORT_USE, 1, sessionKey(id), at, MAX_TOOLS_KEPT, ...tools)
}
