import type { Session } from '../../core/sessions/session.ts'

/** Why a user is told: see `NoticeStore`. */
export type NoticeReason = 'first_approval' | 'new_network' | 'replay'

/** “Was this you?”: what a user is told about one of their sessions. */
export interface Notice {
  readonly reason: NoticeReason
  readonly session: Session
  /** Browser and system in words, and the address block; empty if unknown. */
  readonly device: string
  readonly network: string
  /** Seconds since 1970. */
  readonly at: number
  /** The page that offers to end the session. The URL is a secret. */
  readonly link: string
}
