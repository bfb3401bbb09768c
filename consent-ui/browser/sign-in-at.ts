import type { IdentityAssertion } from '../provider/identity-provider.ts'
import type { Browser } from '../store/browser-store.ts'

/** Who is signed in at a browser, while that counts. */
export function signInAt({ signIn }: Browser, now: number): IdentityAssertion | undefined {
  return signIn === undefined || signIn.expiresAt <= now ? undefined : signIn
}
