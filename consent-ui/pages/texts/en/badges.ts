import { html, type SafeHtml } from '../../../../core/http/html.ts'

/** Texts that say how an application is known. */
export const badges = {
  ownCheck: 'Quilt Connect’s own check',
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
} as const
