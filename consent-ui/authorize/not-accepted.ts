import type { Log } from '../../core/log/log.ts'
import type { Person } from '../../core/sessions/session.ts'
import { SignInNotAccepted } from './another-account.ts'

/** The Registry has no active user for who signed in. */
export function noQuiltAccount(): SignInNotAccepted {
  return new SignInNotAccepted(
    'No Quilt account',
    'Quilt does not accept this sign-in. Ask your Quilt administrator whether your account is active, or use another account.',
  )
}

/** The person's account at the identity provider is another one than before, as after it was created anew. */
export function anotherSubject(log: Log, { name }: Person): SignInNotAccepted {
  log.warn({ person: name }, 'sign-in refused: its Quilt user was linked to another subject before')
  return new SignInNotAccepted(
    'Your sign-in has changed',
    'You connected applications before with another account at your identity provider that had the same e-mail address. This happens when an account is deleted and created again. The new account could belong to another person. Nothing was allowed. Ask your Quilt administrator. They can link your new sign-in to your Quilt account.',
  )
}

/** Somebody's names at the Registry and at the identity provider do not belong together. */
export function anotherLink(log: Log): SignInNotAccepted {
  log.warn('sign-in refused: its Quilt user or its subject was linked to another one before')
  return new SignInNotAccepted(
    'Another account',
    'This Quilt account was connected with another sign-in before, or this sign-in with another Quilt account. Nothing was allowed. Ask your Quilt administrator.',
  )
}
