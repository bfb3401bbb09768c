import { html, type SafeHtml } from '../../../../core/http/html.ts'
import type { ShownCause } from '../../../../core/sessions/end-cause.ts'

/** Texts of the connected applications page. */
export const apps = {
  title: 'Connected applications',
  nothing: 'You haven’t connected any applications yet.',
  nothingNow: 'No application is connected now.',
  canUse: 'These applications can use Quilt as you.',
  canUseUnlessBlocked: 'These applications can use Quilt as you, unless they are blocked.',
  blocked: 'Blocked by your administrator',
  whileBlocked: 'It cannot use Quilt until it is unblocked. You can end its access.',
  idle: (duration: string) =>
    `An application that you don’t use for ${duration} loses its access. A request that is running when you end access may still finish.`,
  place: 'Returns to',
  onYourComputer: (place: SafeHtml) => html`an application on your computer (${place})`,
  service: 'Service',
  approvedFrom: (place: SafeHtml) => html`Approved from ${place}`,
  unknownDevice: 'Unknown device',
  allowChanges: 'To allow changes, connect again from the application.',
  access: 'Access',
  approved: 'Approved',
  lastUsed: 'Last used',
  notYet: 'not yet',
  tools: 'Tools used lately',
  expires: 'Expires',
  end: 'End access',
  makeReadOnly: 'Make read only',
  managed:
    'Your organization connected this application for you. After you end its access, it can connect again. To end it for good, ask your administrator.',
  connectionName: (name: string, when: string) => `${name}, approved ${when}`,
  endAll: 'End all access',
  endsAll: (count: number) => `This ends all ${count} connections above.`,
  contested: (name: SafeHtml, when: SafeHtml) =>
    html`Another person may be using your connection of <strong>${name}</strong>: two networks used the same
      token (${when}). End it, then connect the application again.`,
  endContested: 'End this connection',
  ended: 'Recently ended',
  endedOne: (name: SafeHtml, when: SafeHtml, why: string) => html`${name}, ${when}: ${why}`,
  endedAbout: (service: SafeHtml, approved: SafeHtml) => html`${service}, approved ${approved}.`,
  otherCause: 'it was ended.',
  causes: {
    client_revoked: 'the application ended it.',
    user_revoked: 'you ended it.',
    notice_link: 'it was ended with the link of a “Was this you?” message.',
    code_replayed: 'its sign-in code was used twice.',
    refresh_token_stolen: 'an old token was used from another network.',
    refresh_token_contested: 'you connected the application again after a warning.',
    administrator_ended: 'your administrator ended it.',
    signed_out: 'you signed out at your identity provider.',
    user_inactive: 'Quilt no longer accepted your account.',
    another_user: 'Quilt said that it belongs to another user.',
    credential_expired: 'your Quilt sign-in ended.',
    expired: 'it expired.',
    unused: 'you didn’t use it for too long.',
  } satisfies Record<ShownCause, string>,
  done: {
    nothingToEnd: 'Nothing to end: that access had already ended.',
    nothingToChange: 'Nothing to change: that access had already ended.',
    unnamed: 'the application without a name',
    connections: (count: number) => html`${count} connections`,
    ended: (what: SafeHtml, how: string) => html`Access ended: ${what}. ${how}`,
    narrowed: (name: SafeHtml, how: string) => html`From now on, ${name} can only read. ${how}`,
    took: (seconds: string) => `In effect after ${seconds} seconds.`,
    notAcknowledged:
      'Not every gateway confirmed this within a second. One that cannot reach the session store may accept requests for a little longer. Your administrator can see which.',
    notReplicated:
      'No copy of the session store confirmed this. If the store fails right now, the access may come back: open this page again in a minute.',
  },
} as const
