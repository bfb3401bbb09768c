import { randomSecret } from '../../../core/keys/hash.ts'
import type { Session } from '../../../core/sessions/session.ts'

/** 2026-11-24, in seconds. */
export const NOW = 1_795_500_000

/** A session without its sealed credential. */
export type SessionFacts = Omit<Session, 'sealedCredential'>

export function sessionFacts(): SessionFacts {
  return {
    id: randomSecret(),
    person: { name: 'ada', email: 'ada@example.com' },
    clientId: 'client-1',
    clientName: 'Claude Code',
    resource: 'https://connect.example.com/mcp/platform',
    scope: 'platform',
    access: 'full',
    createdAt: NOW,
    expiresAt: NOW + 86_400,
  }
}
