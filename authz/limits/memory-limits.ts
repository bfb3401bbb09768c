import type { SessionLimits } from '../sessions/session-cache.ts'

/**
 * Max average per session, by the session's own estimate. A usual one takes half: 1.3 KiB of heap with its opened
 * credential and user status. Where credentials are long or clients are not shared, fewer sessions are cached.
 */
const SESSION_BYTES = 2560
/** The token in use and the one before it, 0.6 KiB each. */
const TOKENS_PER_SESSION = 2

/** Sizes of this process's caches: 100,000 sessions take 250 MB of heap with their tokens. */
export interface MemoryLimits {
  readonly sessions: SessionLimits
  readonly tokens: number
  readonly users: number
}

export function memoryLimits(sessions: number): MemoryLimits {
  return {
    sessions: { sessions, bytes: sessions * SESSION_BYTES },
    tokens: sessions * TOKENS_PER_SESSION,
    users: sessions,
  }
}
