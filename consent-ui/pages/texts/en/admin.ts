import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the administrators’ pages. */
export const admin = {
  title: 'Connections of your organisation',
  until: (time: SafeHtml) => html`You can use this page until ${time}.`,
  user: 'User',
  application: 'Application',
  service: 'Service',
  everyService: 'Every service',
  show: 'Show',
  columns: ['User', 'Application', 'Service', 'Access', 'Approved', 'Last used', 'Expires', 'Action'],
  table: 'Connections, newest first',
  full: 'Read and change',
  readOnly: 'Read only',
  notYet: 'not yet',
  none: 'Your organisation has no connected applications now.',
  noneMatch: 'No connections match.',
  noneYet: 'None of the newest 2,000 connections match. Older ones may.',
  newest: 'Newest',
  older: 'Older',
  end: 'End…',
  endOf: (client: string, user: string) => `End… ${client} of ${user}`,
  endUser: 'End all of this user…',
  endUserOf: (user: string) => `End all of this user… ${user}`,
  endClient: 'End all of this application…',
  endClientOf: (client: string) => `End all of this application… ${client}`,
  block: 'Block…',
  blockOf: (client: string) => `Block… ${client}`,
  isBlocked: 'blocked',
  blocked: 'Blocked applications',
  blockedHere:
    'Blocked on this page or by an operator’s command. The settings of this server may block more.',
  blockedBy: (by: SafeHtml, time: SafeHtml) => html`blocked by ${by} on ${time}`,
  unblock: 'Unblock…',
  unblockOf: (entry: string) => `Unblock… ${entry}`,
  actions: {
    end_session: { question: 'End this connection?', button: 'End connection' },
    end_user: { question: 'End every connection of this user?', button: 'End connections' },
    end_client: { question: 'End every connection of this application?', button: 'End connections' },
    block_client: { question: 'Block this application?', button: 'Block' },
    unblock_client: { question: 'Unblock this application?', button: 'Unblock' },
  },
  willEnd: (count: number) =>
    `${connections(count)} will be refused from the next request on. The user can connect again.`,
  willBlock: (client: string, count: number) =>
    `No user can connect ${client} any more, and it will be refused from the next request on (${connections(count)}).`,
  permanent: (entry: string) =>
    `To make this permanent, the operator of this server adds ${entry} to CONNECT_BLOCKED_CLIENTS.`,
  willUnblock: (entry: string) =>
    `Users can connect ${entry} again, and its connections that are left work again.`,
  approved: 'approved on',
  more: (count: number) => `and ${connections(count)} more`,
  gone: 'There is nothing to end: that access has already ended.',
  done: 'Done',
  ended: (count: number) =>
    count === 0
      ? 'Nothing to end: that access had already ended.'
      : `Ended: ${connections(count)}, refused from the next request on.`,
  blockedNow: (client: string) => `Blocked: ${client} is refused from the next request on.`,
  unblocked: (entry: string) => `Unblocked: ${entry}.`,
  unacknowledged:
    'Not every gateway confirmed this within a second. One that cannot reach the session store may accept requests for a little longer.',
  unreplicated:
    'No copy of the session store confirmed this. If the store fails right now, look here again in a minute.',
  back: 'Back to the connections',
} as const

function connections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`
}
