import type { Access } from '../sessions/session.ts'

/** What the audit log records. docs/audit.md says when each is written. */
export type AuditName =
  | 'AuditBegan'
  | 'AuditCheckpoint'
  | 'AuditEnded'
  | 'AuditEventsLost'
  | 'ConfigurationLoaded'
  | 'SignIn'
  | 'SignOut'
  | 'ConsentGiven'
  | 'ConsentRefused'
  | 'SessionOpened'
  | 'SessionRefreshed'
  | 'TokenReplayed'
  | 'SessionDowngraded'
  | 'SessionRevoked'
  | 'SessionEnded'
  | 'NoticeSent'
  | 'ClientRegistered'
  | 'AdministrationOpened'
  | 'AdministratorAction'
  | 'RequestRefused'
  | 'ToolCalled'

/** Where a request came from. */
export interface RequestOrigin {
  readonly requestId?: string | undefined
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
}

export type DetailValue = string | number | boolean | readonly string[]

/** One event as the code that causes it knows it. Never holds a secret, a token or an argument of a tool. */
export interface AuditEntry {
  readonly name: AuditName
  /** False if it was refused or failed; true by default. */
  readonly isSuccess?: boolean
  readonly reason?: string
  /** Who caused it; Connect itself by default. */
  readonly by?: 'user' | 'client' | 'administrator' | 'operator'
  readonly origin?: RequestOrigin | undefined
  readonly person?: { readonly name?: string | undefined; readonly email?: string | undefined } | undefined
  readonly client?: { readonly id: string; readonly name?: string | undefined } | undefined
  readonly sessionId?: string | undefined
  readonly service?: string | undefined
  readonly access?: Access | undefined
  /** What was done at the service: a method, and a tool's name. */
  readonly operation?: string | undefined
  readonly details?: Readonly<Record<string, DetailValue | undefined>>
}

/** Takes events. It never throws and never waits. */
export interface Audit {
  record(entry: AuditEntry): void
  /** False if AUDIT_REQUIRED is set and there is no room for more events: what would cause one must be refused. */
  readonly hasRoom: boolean
}

/** AUDIT_LOG=off. */
export const NO_AUDIT: Audit = { record: () => undefined, hasRoom: true }
