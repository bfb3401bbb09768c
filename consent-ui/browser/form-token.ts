import { createHmac } from 'node:crypto'
import { equalSecrets } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'

/** The page that a form is on, and all that it was shown for: browser, person … */
export interface FormBinding {
  readonly page: string
  readonly bound: readonly (string | undefined)[]
}

/** What a form carries to show that it is from this page, as it was shown to this browser and person. */
export function formToken(ring: KeyRing, binding: FormBinding): string {
  return tokenUnder(ring, ring.current, binding)
}

/** Under any key: a deployment may have made another one current since the page was shown. */
export function isFormToken(ring: KeyRing, token: string, binding: FormBinding): boolean {
  return ring.all.some((key) => equalSecrets(token, tokenUnder(ring, key, binding)))
}

function tokenUnder(ring: KeyRing, key: OperatorKey, { page, bound }: FormBinding): string {
  return createHmac('sha256', subkey(ring, key, { purpose: `form ${page}` }))
    .update(JSON.stringify(bound))
    .digest('base64url')
}
