import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the consent page. */
export const consent = {
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
  whoseAccount: {
    is: 'This is the Quilt account of',
    why: 'Your browser does not show that you came from the Quilt catalog as this user. If someone sent you a link, cancel: the application would work in their account, and they would see what it does.',
    confirm: 'This is my own account',
  },
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
      count === 1 ? 'One more tool, which can change things' : `${count} more tools, which can change things`,
    others: 'Also every other tool of this service, and tools that the service adds later.',
  },
  lifetime: 'For up to:',
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
  hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
  days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
  today: (duration: string) => `Today (${duration})`,
  endsEarlier: {
    ended: 'Access ends earlier when you or an administrator ends it.',
    unused: (duration: string) =>
      `Access ends earlier if it is unused for ${duration}, or when you or an administrator ends it.`,
    signIn: 'Access ends earlier when your Quilt sign-in ends, or when you or an administrator ends it.',
    unusedOrSignIn: (duration: string) =>
      `Access ends earlier if it is unused for ${duration}, when your Quilt sign-in ends, or when you or an administrator ends it.`,
  },
  approvedBefore: (day: SafeHtml) => html`You approved this application before, on ${day}.`,
  colleagues: (count: string, isOne: boolean) =>
    isOne ? 'One colleague has approved it.' : `${count} colleagues have approved it.`,
  onlyIfYours: {
    check: 'Continue only if you started this check yourself just now.',
    onThisComputer:
      'An application on this computer is asking. Continue only if you started this connection yourself just now.',
    elsewhere: 'Continue only if you started this connection and know the address above.',
  },
  later: {
    read: (apps: SafeHtml) => html`You can end it at any time: ${apps}.`,
    full: (apps: SafeHtml) => html`You can make it read only or end it at any time: ${apps}.`,
  },
  continue: 'Continue',
  cancel: 'Cancel',
} as const
