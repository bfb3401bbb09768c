import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the sign-out pages. */
export const signOut = {
  title: 'Sign out',
  what: 'This signs you out of Quilt Connect in this browser, and ends what you have started in it but not finished. Your connected applications stay connected.',
  button: 'Sign out',
  back: 'Back to your connected applications',
  done: 'Signed out',
  youAre: 'You are signed out.',
  provider: (host: SafeHtml | undefined) =>
    html`You may still be signed in at your identity
    provider${host === undefined ? html`` : html` (${host})`}. If others use this browser, sign out there too.`,
  atProvider: 'Sign out at your identity provider too',
  alsoAtProvider: 'You are signed out, also at your identity provider.',
} as const
