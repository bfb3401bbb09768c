import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts of the start page, and of set-ups wherever they stand. */
export const home = {
  about:
    'Applications such as Claude connect here to work in Quilt as you. You choose what each one can do, and can end its access at any time.',
  seeApps: 'See your connected applications',
  connect: 'Connect an application',
  connectTo: (service: string) => `Connect an application to ${service}`,
  services: 'Services',
  add: (application: string) => `Add to ${application}`,
  orByHand: 'Or add it yourself:',
  copy: 'Copy',
  copied: 'Copied',
  noneListed:
    'In the settings of your application, look for MCP servers or connectors, and give it this address.',
  notListed:
    'If your application is not in this list, look in its settings for MCP servers or connectors, and give it this address.',
} as const

/** Texts of the page at a service’s URL. */
export const service = {
  about:
    'Applications connect here to work in Quilt as you. When you connect one, you sign in and choose what it can do.',
  forPrograms:
    'Scripts and other programs get data here as you. Each one asks you first, and you choose what it can do.',
  notForAssistants: (how: SafeHtml) =>
    html`AI assistants such as Claude do not connect here. For those: ${how}.`,
  forDevelopers: 'For developers',
  oauth: 'A program connects with OAuth, and finds everything that it needs at this address:',
} as const

/** Texts of the page at an unknown path. */
export const notFound = {
  title: 'Page not found',
  text: 'There is no page at this address. Check it for mistakes, or go on here:',
} as const
