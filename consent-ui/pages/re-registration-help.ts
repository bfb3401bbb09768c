import type { ApplicationGuess } from '../consent/guess-application.ts'
import { ShownError } from '../oauth/errors.ts'

const FORGET_ANY = [
  'In the application, remove the connection to this server. Signing out may not be enough: the application has to forget that it ever registered.',
  'Add the connection again.',
]
/** Several programs use the same loopback address, so the guess may be wrong. */
const FORGET_ANOTHER =
  'If you use another application: remove the connection to this server there, and add it again.'

/** Tells the user how to make their application register again. The application itself gets no answer. */
export function reRegistrationHelp(guess: ApplicationGuess | undefined): ShownError {
  const { name, forget = FORGET_ANY } = guess?.application ?? {}
  const steps = guess?.isShared === true ? [...forget, FORGET_ANOTHER] : forget
  const problem =
    name === undefined
      ? 'This server does not know this application, or no longer does.'
      : `The request seems to come from ${name}, with a registration that this server does not know, or no longer does.`
  return new ShownError(
    'Unknown application',
    `${problem} The application keeps using that registration until you do this:`,
    { steps },
  )
}
