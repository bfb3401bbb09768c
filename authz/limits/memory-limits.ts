import type { SessionBounds } from '../sessions/session-cache.ts'

/**
 * What sessions may take on average, by their own estimate. A usual one takes half: 1.3 KiB of heap with its opened
 * credential and what the Registry said of its person, where clients are shared by many sessions. Where they are
 * not, or credentials are long, fewer sessions are held.
 */
const SESSION_BYTES = 2560
/** Of each session the token in use, and the one before it, which has not expired yet. Each takes 0.6 KiB. */
const TOKENS_PER_SESSION = 2

/** How much this process remembers: a hundred thousand sessions take 250 MB of heap with their tokens. */
export interface MemoryBounds {
  readonly sessions: SessionBounds
  readonly tokens: number
  readonly persons: number
}

/** For so many sessions at most. */
export function memoryBounds(sessions: number): MemoryBounds {
  return {
    sessions: { sessions, bytes: sessions * SESSION_BYTES },
    tokens: sessions * TOKENS_PER_SESSION,
    persons: sessions,
  }
}
