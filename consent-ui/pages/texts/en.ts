/* eslint max-lines: off -- a language is one file */
import { html, type SafeHtml } from '../../../core/http/html.ts'
import type { Explanation } from '../../oauth/errors.ts'
import { landing } from './en-landing.ts'

/** Every text of the pages, in English, with those of en-landing.ts. Another language has the same members. */
export const en = {
  /** Of the `lang` attribute, and of dates (BCP 47). */
  language: 'en',
  dates: 'en-GB',
  product: 'Quilt Connect',
  unnamedApplication: 'An application without a name',
  list: (items: readonly SafeHtml[]): SafeHtml =>
    html`${items.map((item, at) => html`${at === 0 ? '' : ', '}${item}`)}`,
  signedInAs: (email: SafeHtml) => html`You are signed in as <strong>${email}</strong>.`,

  links: {
    apps: 'Your connected applications',
    home: 'Quilt Connect',
    signOut: 'Sign out',
    anotherAccount: 'Use another account',
    tryAgain: 'Try again',
    startAgain: 'Start again',
    backToForm: 'Back to the form',
  },

  ...landing,

  code: {
    title: 'Sign in to Quilt',
    forApps: 'Sign in to see your connected applications.',
    forAdmin: 'Sign in to manage the connections of your organisation.',
    forApplication: (name: SafeHtml) =>
      html`<strong>${name}</strong> wants to access your Quilt account. Before you decide, sign in to Quilt.`,
    open: (page: { link: (text: string) => SafeHtml; host: string; email: SafeHtml | undefined }) =>
      html`Open ${page.link('the Quilt sign-in page')} at ${page.host} in a new tab, and sign
      in${page.email === undefined ? html`` : html` as <strong>${page.email}</strong>`}.`,
    copy: 'Copy the code that it shows.',
    paste: 'Paste it here.',
    label: 'One-time code from Quilt',
    where: (host: string) =>
      html`Anyone who has this code can act as you. Paste it only at <strong>${host}</strong>, never in a chat
        or an email.`,
    continue: 'Continue',
    cancel: 'Cancel',
    faults: {
      noCode: 'This is not a one-time code. Copy the whole code that Quilt shows, and paste it here.',
      refused:
        'Quilt did not accept this code. A code works once and expires after ten minutes. Get a new one. If Quilt refuses that too, ask your Quilt administrator whether your account is active.',
      inactive:
        'Quilt does not accept this account. Ask your Quilt administrator whether it is active, then paste a new code.',
      unavailable:
        'Quilt could not check this code just now. Paste the code again in a moment. If Quilt refuses it, get a new one.',
      anotherPerson: ({ belongsTo, wanted }: { belongsTo: string; wanted: string }) =>
        `This code belongs to ${belongsTo}, and you are signed in as ${wanted}. Sign in to Quilt as ${wanted} and get a code there; or cancel, and connect again as ${belongsTo}.`,
    },
  },

  badges: {
    known: {
      configuration: () => html`Added by your administrator`,
      document: (host: SafeHtml) => html`Published by ${host}`,
      registration: () => html`Name not verified`,
    },
    /** Nothing vouches for a program on the user's computer. */
    onThisComputer: {
      configuration: () => html`Name from your administrator`,
      document: (host: SafeHtml) => html`Name from ${host}`,
      registration: () => html`Name not verified`,
    },
    why: {
      configuration: '',
      document: 'The website publishes this application and the address that you’ll return to.',
      onThisComputer: 'Any program on this computer can claim to be this application.',
      registration: 'The application chose this name itself.',
    },
  },

  consent: {
    title: 'Authorize Application',
    wants: (name: SafeHtml) => html`<strong>${name}</strong> wants to access your Quilt account.`,
    onYourBehalf: 'This will allow the application to access data on your behalf.',
    doubts: {
      look_alike: (of: string) =>
        `This name looks like “${of}” but is spelled differently. Someone may be trying to mislead you.`,
      answers_elsewhere: (of: string) =>
        `It calls itself “${of}”, but you would not return to a known address of ${of}.`,
      mixed_scripts: 'This name mixes letters of several alphabets. It may not be what it looks like.',
    },
    returnTo: 'After you continue, you’ll return to',
    thisComputer: 'an application on this computer',
    signedInAs: (email: SafeHtml, role: SafeHtml | undefined) =>
      role === undefined
        ? html`You are signed in as <strong>${email}</strong>.`
        : html`You are signed in as <strong>${email}</strong>, with the role <strong>${role}</strong>.`,
    notYou: 'Not you?',
    uses: (service: SafeHtml) => html`It will use <strong>${service}</strong> as you.`,
    ableTo: (name: SafeHtml) => html`${name} will be able to:`,
    access: { read: 'Read only', full: 'Read and change' },
    meaning: {
      mcp: {
        read: 'Search, list and read what you can see, and change nothing.',
        full: 'See, create, change and delete everything that you can: packages, files, tables.',
      },
      http: {
        read: (paths: SafeHtml) => html`Read what you can see at ${paths}, and change nothing.`,
        full: 'Send any request that you can, including requests that change or delete data.',
      },
    },
    alsoReading: {
      tools: (tools: SafeHtml) => html`Your administrator counts these tools as reading too: ${tools}.`,
      requests: (requests: SafeHtml) =>
        html`Your administrator counts these requests as reading too: ${requests}.`,
      which: (name: SafeHtml, what: string) => html`${name}, which ${what}`,
    },
    tools: {
      read: (count: number) => (count === 1 ? 'One tool that reads' : `${count} tools that read`),
      full: (count: number) =>
        count === 1
          ? 'One more tool, which can change things'
          : `${count} more tools, which can change things`,
      others: 'Also every other tool that the service has.',
    },
    lifetime: 'For up to:',
    minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
    hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
    days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
    today: (duration: string) => `Today (${duration})`,
    endsEarlier: 'Access ends earlier when you or an administrator ends it.',
    endsWithSignIn:
      'Access ends earlier when your Quilt sign-in ends, or when you or an administrator ends it.',
    approvedBefore: (day: SafeHtml) => html`You approved this application before, on ${day}.`,
    colleagues: (count: string, isOne: boolean) =>
      isOne ? 'One colleague has approved it.' : `${count} colleagues have approved it.`,
    onlyIfYours: {
      onThisComputer:
        'An application on this computer is asking. Continue only if you started this connection yourself just now.',
      elsewhere: 'Continue only if you started this connection and know the address above.',
    },
    later: (apps: SafeHtml) => html`You can change or end this at any time: ${apps}.`,
    continue: 'Continue',
    cancel: 'Cancel',
  },

  apps: {
    title: 'Connected applications',
    nothing: 'You haven’t connected any applications yet.',
    canUse: 'These applications can use Quilt as you.',
    idle: (duration: string) =>
      `An application that you don’t use for ${duration} loses its access. A request that is running when you end access may still finish.`,
    place: 'Returns to',
    onYourComputer: (place: SafeHtml) => html`an application on your computer (${place})`,
    service: 'Service',
    unknownDevice: 'Unknown device',
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
    ended: 'Ended lately',
    endedOne: (name: SafeHtml, when: SafeHtml, why: string) => html`${name}, ${when}: ${why}`,
    otherCause: 'it was ended.',
    causes: {
      client_revoked: 'the application ended it.',
      user_revoked: 'you ended it.',
      code_replayed: 'its sign-in code was used twice.',
      refresh_token_stolen: 'an old token was used from another network.',
      refresh_token_contested: 'you connected the application again after a warning.',
      replaced: 'a newer connection replaced it.',
      user_inactive: 'Quilt no longer accepted your account.',
      another_user: 'Quilt said that it belongs to another user.',
      credential_expired: 'your Quilt sign-in ended.',
    },
    done: {
      nothingToEnd: 'Nothing to end: that access had already ended.',
      nothingToChange: 'Nothing to change: that access had already ended.',
      unnamed: 'The application without a name',
      isRefused: (name: SafeHtml) => html`${name} is`,
      areRefused: (count: number) => html`${count} connections are`,
      ended: (what: SafeHtml, how: string) =>
        html`Access ended: ${what} refused from the next request on. ${how}`,
      narrowed: (name: SafeHtml, how: string) => html`${name} can only read from the next request on. ${how}`,
      took: (seconds: string) => `This took ${seconds} seconds.`,
      notAcknowledged:
        'Not every gateway confirmed this within a second. One that cannot reach the session store may accept requests for a little longer. Your administrator can see which.',
      notReplicated:
        'No copy of the session store confirmed this. If the store fails right now, the access may come back: open this page again in a minute.',
    },
  },

  signOut: {
    title: 'Sign out',
    what: 'This browser will be forgotten here, with everything that you started in it. Your connected applications stay connected.',
    button: 'Sign out',
    done: 'Signed out',
    youAre: 'You are signed out.',
    provider:
      'You may still be signed in at your identity provider. If others use this browser, sign out there too.',
    at: (host: string) => `Sign out at ${host}`,
    alsoAtProvider: 'You are signed out, also at your identity provider.',
  },

  admin: {
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
    none: 'There are no such connections.',
    noneYet: 'None of the newest 2,000 connections match. Older ones may.',
    newest: 'Newest',
    older: 'Older',
    end: 'End…',
    endOf: (client: string, user: string) => `End… ${client} of ${user}`,
    endUser: 'End all…',
    endUserOf: (user: string) => `End all… of ${user}`,
    endClient: 'End all…',
    endClientOf: (client: string) => `End all… of ${client}`,
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
  },

  errors: {
    adminOnly: {
      title: 'For Quilt administrators',
      text: 'Quilt says that you are not an administrator. Nothing was changed. Use another account, or ask an administrator.',
    },
    adminChanged: {
      title: 'This page has changed',
      text: 'The page is out of date, or another website sent the form. Nothing was changed. Open the page again.',
    },
    requestId: (id: SafeHtml) => html`If you ask for help, give this number: <code>${id}</code>`,
    backToApplication: 'Go back to the application and connect again.',
    invalidRequest: 'Invalid request',
    bodyTooLarge: 'the body is too large',
    bodyUnreadable: 'the body cannot be read',
    tooManyRequests: 'Too many requests',
    tooManySignIns: 'Too many sign-ins at once',
    stopped: 'Stopped by the operator',
    unavailable: 'Not available just now',
    inAMoment: 'Try again in a moment.',
    expired: {
      title: 'This page has expired',
      text: 'Go back to the application and connect again. If you started in another browser or window, continue there.',
    },
    anotherBrowser: { title: 'This page has expired', text: 'Go back and start again, in this browser.' },
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
      text: 'Your first answer counts. Return to the application. To change your answer, connect again there. To end its access, open your connected applications.',
    },
    attempts: { title: 'Too many sign-in attempts', text: 'Go back to the application and connect again.' },
    unknownClient: { title: 'Unknown application', text: 'This application is not registered here.' },
    unregisteredCallback: {
      title: 'Invalid callback address',
      text: 'The application wants you to return to an address (redirect_uri) that it has not registered.',
    },
    callback: (fault: string): Explanation => ({
      title: 'Callback address not allowed',
      text: `The address that the application wants you to return to (redirect_uri) ${fault}.`,
    }),
    blocked: {
      title: 'Application blocked',
      text: 'The operator of this server has blocked this application.',
    },
    document: (detail: string): Explanation => ({
      title: 'Invalid application',
      text: `The client document that this application publishes is not valid: ${detail}.`,
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
      text: `The application sent a state that is too long. The max length is ${maxBytes} bytes.`,
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
  },

  forgotten: {
    /** The application is not known, or is guessed by its address. */
    problem: (name: string | undefined): Explanation => ({
      title: 'Unknown application',
      text: `${
        name === undefined
          ? 'This server does not know this application, or no longer does.'
          : `The request seems to come from ${name}, with a registration that this server does not know, or no longer does.`
      } The application keeps using that registration until you do this:`,
    }),
    steps: [
      'In the application, remove the connection to this server. Signing out may not be enough: the application has to forget that it ever registered.',
      'Add the connection again.',
    ],
    another: 'If you use another application: remove the connection to this server there, and add it again.',
  },
} as const

function connections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`
}
