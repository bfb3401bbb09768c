import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { open, seal, type Binding } from '../../core/keys/sealing.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { FormBinding } from '../browser/form-token.ts'
import { ADMIN_ACTION_PAGE } from '../http/paths.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { Browser } from '../store/browser-store.ts'
import type { Administrator } from './administrator.ts'
import type { Connections } from './connections.ts'

const KINDS = ['end_session', 'end_user', 'end_client', 'block_client', 'unblock_client'] as const
type ActionKind = (typeof KINDS)[number]

const FINGERPRINT = /^[0-9a-f]{16}$/

/** What an administrator wants to do, and to what, as in the page's links and forms. */
export interface AdminAction {
  readonly kind: ActionKind
  /** A handle of a session, a Quilt user name, a client's fingerprint, or an entry of the blocked clients. */
  readonly target: string
}

/** @returns undefined if the parameters name no action */
export function readAction(parameters: Parameters): AdminAction | undefined {
  const kind = KINDS.find((one) => one === parameters.get('do'))
  const target = parameters.get('of')
  if (kind === undefined || target === undefined) return undefined
  const isClient = kind === 'end_client' || kind === 'block_client'
  return isClient && !FINGERPRINT.test(target) ? undefined : { kind, target }
}

export function actionUrl({ kind, target }: AdminAction): string {
  return `${ADMIN_ACTION_PAGE}?${new URLSearchParams({ do: kind, of: target }).toString()}`
}

/** Binds the form to this browser, administrator, sign-in, action and target: no form does another's work. */
export function actionForm({ browser, user, session }: Administrator, action: AdminAction): FormBinding {
  return { page: 'admin', bound: [browser.id, user.name, String(session.endsAt), action.kind, action.target] }
}

/** Names a session in links and forms of one browser only, without its id. */
export function sessionHandle(ring: KeyRing, browser: Browser, { id }: Session): string {
  return seal(ring, handleBinding(browser), id)
}

/** The sessions that an action ends or concerns. */
export async function affectedSessions(
  { connections, ring }: { readonly connections: Connections; readonly ring: KeyRing },
  { browser }: Administrator,
  { kind, target }: AdminAction,
): Promise<Session[]> {
  switch (kind) {
    case 'end_session': {
      const id = open(ring, handleBinding(browser), target)
      const session = id === undefined ? undefined : await connections.find(id)
      return session === undefined ? [] : [session]
    }
    case 'end_user':
      return await connections.everyOf(target)
    case 'end_client':
    case 'block_client':
      return await connections.every(({ clientId }) => fingerprintOf(clientId) === target)
    case 'unblock_client':
      return []
  }
}

function handleBinding({ id, cookie }: Browser): Binding {
  return { purpose: 'administration handle', share: Buffer.from(cookie), context: [id] }
}
