import type { ApplicationGuess } from '../consent/guess-application.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from './texts/en/en.ts'

/** Tells the user how to make their application register again. The application itself gets no answer. */
export function reRegistrationHelp(guess: ApplicationGuess | undefined): ShownError {
  const name = guess?.application.name
  const forget = en.applications.forget[name ?? ''] ?? en.reRegistration.steps
  // Several programs use the same loopback address, so the guess may be wrong.
  const steps = guess?.isShared === true ? [...forget, en.reRegistration.another] : forget
  return new ShownError(en.reRegistration.problem(name), { steps })
}
