import type { Explanation } from '../../../oauth/errors.ts'

/** Texts of the error page that helps a client with an unknown registration. */
export const reRegistration = {
  /** The application is not known, or is guessed by its address. */
  problem: (name: string | undefined): Explanation => ({
    title: 'Unknown application',
    text: `${
      name === undefined
        ? 'This server does not know this application, or no longer does.'
        : `The request seems to come from ${name}, with a registration that this server does not know, or no longer does.`
    } The application keeps using its old registration until you do this:`,
  }),
  steps: [
    'In the application, remove the connection to this server. Signing out may not be enough: the application has to forget that it ever registered.',
    'Add the connection again.',
  ],
  another: 'If you use another application: remove the connection to this server there, and add it again.',
} as const
