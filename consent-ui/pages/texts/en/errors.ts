import { html, type SafeHtml } from '../../../../core/http/html.ts'
import type { Explanation } from '../../../oauth/errors.ts'

const IN_A_MOMENT = 'Try again in a moment.'
const EXPIRED_OR_ELSEWHERE = 'This page has expired or belongs to another browser'

/** Texts of the error pages. */
export const errors = {
  adminOnly: {
    title: 'For Quilt administrators',
    text: 'Quilt says that you are not an administrator. Nothing was changed. Use another account, or ask an administrator.',
  },
  adminChanged: {
    title: 'This page has changed',
    text: 'The page is out of date, or another website sent the form. Nothing was changed. Open the page again.',
  },
  requestId: (id: SafeHtml) => html`If you ask for help, give this number: <code>${id}</code>`,
  invalidRequest: (fault: string): Explanation => ({
    title: 'Invalid request',
    text: `This server cannot answer the request: ${fault}. Go back and start again. If it happens again, tell the maker of the application.`,
  }),
  bodyTooLarge: {
    title: 'Invalid request',
    text: 'Your browser sent more than this server takes. Go back and start again.',
  },
  bodyUnreadable: {
    title: 'Invalid request',
    text: 'This server cannot read what your browser sent. Go back and start again.',
  },
  tooManyRequests: (seconds: number): Explanation => ({
    title: 'Too many requests',
    text: `There were too many requests from your network. Try again in ${inSeconds(seconds)}.`,
  }),
  tooManySignIns: (seconds: number): Explanation => ({
    title: 'Too many sign-ins at once',
    text: `Too many sign-ins are open on this server. Try again in ${inSeconds(seconds)}.`,
  }),
  stopped: (what: string): Explanation => ({
    title: 'Stopped by the operator',
    text: `The operator has stopped ${what} for now. Try again later.`,
  }),
  /** What failed, as a sentence without its full stop, where it is known. */
  unavailable: (fault: string | undefined): Explanation => ({
    title: 'Not available just now',
    text:
      fault === undefined ? IN_A_MOMENT : `${fault.charAt(0).toUpperCase()}${fault.slice(1)}. ${IN_A_MOMENT}`,
  }),
  expired: {
    title: EXPIRED_OR_ELSEWHERE,
    text: 'If you started in another browser, continue there. Otherwise go back to the application and connect again.',
  },
  anotherBrowser: {
    title: EXPIRED_OR_ELSEWHERE,
    text: 'If you started in another browser, continue there. Otherwise start again in this one.',
  },
  notFromCatalog: {
    title: 'This link works only from the Quilt catalog',
    text: 'It belongs to the person who continued there. Start again in your application, and continue at the catalog yourself.',
  },
  notOwnAccount: {
    title: 'Is this your account?',
    text: 'Confirm that the account is yours, or cancel. Nothing was approved.',
  },
  consentChanged: {
    title: 'This page has changed',
    text: 'Another person signed in after you opened this page, or another website sent the form. Open the page again and decide there.',
  },
  appsChanged: {
    title: 'This page has changed',
    text: 'Another person signed in after you opened this page, or another website sent the form. Nothing was changed. Open your connected applications again.',
  },
  codeFormChanged: {
    title: 'This page has changed',
    text: 'The page is out of date, or another website sent the form. Open the page again.',
  },
  notSignedOut: {
    title: 'Not signed out',
    text: 'The page is out of date, or another website sent the form. Open the page again to sign out.',
  },
  choice: {
    title: 'Choice not available',
    text: 'You cannot choose this option now. The application got no access. Open the page again and choose there.',
  },
  answered: {
    title: 'You have already answered',
    text: 'Your first answer counts. Return to the application. To change your answer, connect again there. If you gave it access, you can end that in your connected applications.',
  },
  attempts: { title: 'Too many sign-in attempts', text: 'Go back to the application and connect again.' },
  noClient: {
    title: 'No application named',
    text: 'The address does not name the application that you want to connect (client_id). Go back to the application and connect again.',
  },
  unknownClient: {
    title: 'Unknown application',
    text: 'This application is not registered here. In the application, remove the connection to this server and add it again.',
  },
  unregisteredCallback: {
    title: 'Invalid callback address',
    text: 'The application wants you to return to an address (redirect_uri) that it has not registered. In the application, remove the connection to this server and add it again. If that does not help, tell the maker of the application.',
  },
  callback: (fault: string): Explanation => ({
    title: 'Callback address not allowed',
    text: `The address that the application wants you to return to (redirect_uri) ${fault}. If you trust the application, tell the operator of this server.`,
  }),
  blocked: {
    title: 'Application blocked',
    text: 'Your administrator has blocked this application. If you need it, ask your administrator why.',
  },
  document: (detail: string): Explanation => ({
    title: 'Invalid application',
    text: `The client document that this application publishes is not valid: ${detail}. Tell the maker of the application.`,
  }),
  host: {
    title: 'Application not allowed',
    text: 'The operator of this server has not allowed the address where this application publishes its client document.',
  },
  hostSteps: (named: string) => [
    `If you trust the application, ask the operator to allow \`${named}\`.`,
    'The operator adds this address to the setting `CONNECT_CLIENT_HOSTS`.',
    'Connect again.',
  ],
  longState: (maxBytes: number): Explanation => ({
    title: 'Invalid request',
    text: `The application sent a state that is too long. The max length is ${maxBytes} bytes. Tell the maker of the application.`,
  }),
  changedRecord: {
    title: 'Stored data was changed',
    text: 'Data that this server stored for your request was changed. The application got no access. Tell the operator of this server, then connect again.',
  },
  noAccount: {
    title: 'No Quilt account',
    text: 'Quilt does not accept this sign-in. Ask your Quilt administrator whether your account is active, or use another account.',
  },
  anotherSubject: {
    title: 'Your sign-in has changed',
    text: 'You connected applications before with another account that had the same e-mail address. This happens when an account is deleted and created again. The new account could belong to another person. The application got no access. Ask your Quilt administrator. They can link your new sign-in to your Quilt account.',
  },
  anotherLink: {
    title: 'Account already linked',
    text: 'Your Quilt account is linked to another sign-in, or your sign-in is linked to another Quilt account. The application got no access. Ask your Quilt administrator.',
  },
  signInFailed: {
    title: 'Sign-in failed',
    text: 'Your identity provider did not sign you in. Use another account, or go back and start again. If it fails again, ask your Quilt administrator to look for the reason in the log of this server.',
  },
  signInCancelled: {
    title: 'You cancelled the sign-in',
    text: 'You are not signed in here now. Your connected applications keep their access. If you did not cancel, ask your administrator whether you may use Quilt Connect.',
  },
  noEmail: {
    title: 'No e-mail address',
    text: 'Your identity provider did not say which e-mail address you have, so Quilt cannot find your account. Ask the administrator of your identity provider to send your address (the claim email) to Quilt Connect, or use another account.',
  },
  emailsDiffer: {
    title: 'Two e-mail addresses',
    text: 'Your identity provider named two different e-mail addresses for you. Ask its administrator which one is yours, or use another account.',
  },
  emailNotVerified: {
    title: 'E-mail address not verified',
    text: 'Your identity provider has not verified your e-mail address, so you cannot sign in to Quilt with it. Ask the administrator of your identity provider to verify it, or use another account.',
  },
  backchannelOnly: {
    title: 'Not used',
    text: 'The identity provider of this server reports logouts directly to it, and not through the browser.',
  },
  signedOutMeanwhile: {
    title: 'You were signed out',
    text: 'Your identity provider ended this sign-in before you came back. Wait a moment, then sign in again.',
  },
  clocksDiffer: {
    title: 'Clocks differ',
    text: 'This server cannot check your sign-in, because its clock and the clock of your identity provider differ too much. Tell your Quilt administrator.',
  },
} as const

function inSeconds(count: number): string {
  return count === 1 ? '1 second' : `${count} seconds`
}
