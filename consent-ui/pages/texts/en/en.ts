import { html, type SafeHtml } from '../../../../core/http/html.ts'
import { admin } from './admin.ts'
import { applications } from './applications.ts'
import { apps } from './apps.ts'
import { badges } from './badges.ts'
import { check } from './check.ts'
import { code } from './code.ts'
import { consent } from './consent.ts'
import { errors } from './errors.ts'
import { reRegistration } from './re-registration.ts'
import { home, service, notFound } from './landing.ts'
import { notice } from './notice.ts'
import { signOut } from './sign-out.ts'

/** Every text of the pages, in English. Another language is another folder whose texts have the same members. */
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
    connect: 'How to connect an application',
    signOut: 'Sign out',
    anotherAccount: 'Use another account',
    tryAgain: 'Try again',
    startAgain: 'Start again',
    backToForm: 'Back to the form',
  },

  home,
  service,
  notFound,
  check,
  notice,
  code,
  badges,
  consent,
  apps,
  signOut,
  admin,
  errors,
  reRegistration,
  applications,
} as const
