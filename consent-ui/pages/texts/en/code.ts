import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the page for a pasted code. */
export const code = {
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
} as const
