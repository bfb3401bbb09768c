import { createHmac } from 'node:crypto'
import { equalSecrets } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'

/** The page of a form, and what the form is bound to: browser, user, transaction. */
export interface FormBinding {
  readonly page: string
  readonly bound: readonly (string | undefined)[]
}

/** A CSRF token for a form: a MAC over its binding. */
export function formToken(ring: KeyRing, binding: FormBinding): string {
  return tokenUnder(ring, ring.current, binding)
}

/** Accepts each of our keys: a deployment may have changed the current one since the page was shown. */
export function isFormToken(ring: KeyRing, token: string, binding: FormBinding): boolean {
  const accepted = ring.all.map((key) => tokenUnder(ring, key, binding))
  return accepted.some((one) => equalSecrets(token, one))
}

function tokenUnder(ring: KeyRing, key: OperatorKey, { page, bound }: FormBinding): string {
  return createHmac('sha256', subkey(ring, key, { purpose: `form ${page}` }))
    .update(JSON.stringify(bound))
    .digest('base64url')
}
