import type { Log } from '../../core/log.ts'
import { SignInNotAccepted } from './another-account.ts'

/** The Registry has no active user for who signed in. */
export function noQuiltAccount(): SignInNotAccepted {
  return new SignInNotAccepted(
    'No Quilt account',
    'Quilt does not accept this sign-in. Ask your Quilt administrator whether your account is active, or use another account.',
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
