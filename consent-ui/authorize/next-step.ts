import { signInAt } from '../browser/browser-at.ts'
import { CODE_SECONDS } from '../lifetimes.ts'
import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { CredentialSource } from '../quilt/credential-source.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { HeldCredential, HeldStore } from '../store/held-store.ts'
import type { OpenTransaction } from './open-transaction.ts'

export type Step = SignInStep | PasteCodeStep | AskStep

interface SignInStep {
  readonly kind: 'sign_in'
  readonly identityProvider: IdentityProvider
}

export interface PasteCodeStep {
  readonly kind: 'paste_code'
  /** Undefined if the code itself is the sign-in. */
  readonly signIn: IdentityAssertion | undefined
  readonly credentials: CredentialSource<string>
}

/** The user is known and only has to decide. */
export interface AskStep {
  readonly kind: 'ask'
  readonly person: SignedIn
  readonly from:
    { readonly held: HeldCredential; readonly signIn: IdentityAssertion | undefined } | CredentialToObtain
}

/** There is no credential yet, and there need not be one before the user has approved. */
export interface CredentialToObtain {
  readonly signIn: IdentityAssertion
  readonly credentials: CredentialSource<IdentityAssertion>
}

export interface StepDependencies {
  readonly provider: CredentialProvider
  readonly held: HeldStore
  readonly now: () => number
}

/** Decides the next step of a transaction; no other code does. */
export async function nextStep(
  { provider, held, now }: StepDependencies,
  opened: OpenTransaction,
): Promise<Step> {
  // Ignore sign-ins from when an identity provider was still configured.
  const signIn = provider.identityProvider === undefined ? undefined : usableSignIn(opened, now())
  if (provider.source === 'exchange') {
    if (signIn === undefined) return { kind: 'sign_in', identityProvider: provider.identityProvider }
    const found = usableCredential(await held.find(opened), signIn, now())
    return askStep(signIn, provider.credentials, found)
  }
  if (provider.identityProvider !== undefined && signIn === undefined) {
    return { kind: 'sign_in', identityProvider: provider.identityProvider }
  }
  const found = await held.find(opened)
  // Another user of this browser may have left a credential.
  const isTheirs = signIn === undefined || isSameUser(found?.person, signIn)
  if (found === undefined || !isTheirs) {
    return { kind: 'paste_code', signIn, credentials: provider.credentials }
  }
  return { kind: 'ask', person: found.person, from: { held: found, signIn } }
}

/** The sign-in, unless the client asked for a new one that has not happened yet. */
function usableSignIn({ browser, transaction }: OpenTransaction, now: number): IdentityAssertion | undefined {
  const needsNewSignIn = transaction.reauthentication !== undefined && transaction.isReauthenticated !== true
  return needsNewSignIn ? undefined : signInAt(browser, now)
}

function askStep(
  signIn: IdentityAssertion,
  credentials: CredentialToObtain['credentials'],
  found: HeldCredential | undefined,
): AskStep {
  const from = found === undefined ? { signIn, credentials } : { signIn, held: found }
  return { kind: 'ask', person: signIn, from }
}

/** Not of another user, nor one that expires before its code is redeemed: a new one is obtained. */
function usableCredential(
  found: HeldCredential | undefined,
  signIn: IdentityAssertion,
  now: number,
): HeldCredential | undefined {
  if (found === undefined || !isSameUser(found.person, signIn)) return undefined
  return found.credential.expiresAt > now + CODE_SECONDS ? found : undefined
}

function isSameUser(one: SignedIn | undefined, other: SignedIn): boolean {
  return one?.issuer === other.issuer && one.subject === other.subject
}
