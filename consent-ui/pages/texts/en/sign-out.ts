import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the sign-out pages. */
export const signOut = {
  title: 'Sign out',
  what: 'This browser will be forgotten here, with everything that you started in it. Your connected applications stay connected.',
  button: 'Sign out',
  done: 'Signed out',
  youAre: 'You are signed out.',
  provider:
    'You may still be signed in at your identity provider. If others use this browser, sign out there too.',
  at: (host: SafeHtml) => html`Sign out at ${host}`,
  alsoAtProvider: 'You are signed out, also at your identity provider.',
} as const
