import type { Log } from '../../core/log.ts'
import { ShownError } from '../oauth/errors.ts'

/** Quilt does not know whoever signed in, or not any more. */
export function noQuiltAccount(): ShownError {
  return new ShownError(
    'No Quilt account',
    'Quilt does not accept this sign-in. Ask your Quilt administrator whether your account is active, then connect again.',
    403,
  )
}

/** Somebody's names at the Registry and at the identity provider do not belong together. */
export function anotherLink(log: Log): ShownError {
  log.warn('a sign-in was refused: its Quilt user or its person was linked to another one before')
  return new ShownError(
    'Another account',
    'This Quilt account was connected with another sign-in before, or this sign-in with another Quilt account. Nothing was allowed. Ask your Quilt administrator.',
    403,
  )
}
