import type { OpenTransaction } from '../browser/browser-cookie.ts'
import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import type { CredentialSource } from '../quilt/credential-source.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Held, HeldStore } from '../store/held-store.ts'
import { signInAt } from '../browser/sign-in-at.ts'

/** What a transaction waits for. */
export type Step = SignInStep | PasteCodeStep | AskStep

interface SignInStep {
  readonly kind: 'sign_in'
  readonly identityProvider: IdentityProvider
}

export interface PasteCodeStep {
  readonly kind: 'paste_code'
  /** Absent where the code is the sign-in. */
  readonly signIn: IdentityAssertion | undefined
  readonly credentials: CredentialSource<string>
}

/** Everything is known: what is left is to ask the person. */
export interface AskStep {
  readonly kind: 'ask'
  readonly person: SignedIn
  readonly from: { readonly held: Held; readonly signIn: IdentityAssertion | undefined } | ToBeObtained
}

/** The credential is obtained once the person has agreed. */
export interface ToBeObtained {
  readonly signIn: IdentityAssertion
  readonly credentials: CredentialSource<IdentityAssertion>
}

export interface StepParts {
  readonly provider: CredentialProvider
  readonly held: HeldStore
  readonly now: () => number
}

/** What the store knows of a transaction and its browser decides what comes next, and nothing else does. */
export function nextStep({ provider, held, now }: StepParts) {
  return async function stepOf(opened: OpenTransaction): Promise<Step> {
    // A sign-in from before there was none any more is of no account.
    const signIn = provider.identityProvider === undefined ? undefined : countingSignIn(opened, now())
    if (provider.source === 'exchange') {
      if (signIn === undefined) return { kind: 'sign_in', identityProvider: provider.identityProvider }
      return { kind: 'ask', person: signIn, from: { signIn, credentials: provider.credentials } }
    }
    if (provider.identityProvider !== undefined && signIn === undefined) {
      return { kind: 'sign_in', identityProvider: provider.identityProvider }
    }
    const found = await held.find(opened)
    // What somebody else's sign-in left behind is nobody's.
    const isTheirs = signIn === undefined || samePerson(found?.person, signIn)
    if (found === undefined || !isTheirs) {
      return { kind: 'paste_code', signIn, credentials: provider.credentials }
    }
    return { kind: 'ask', person: found.person, from: { held: found, signIn } }
  }
}

/** Where the client asked for a sign-in of its own, one from before it asked does not count. */
function countingSignIn(
  { browser, transaction }: OpenTransaction,
  now: number,
): IdentityAssertion | undefined {
  const isOwed = transaction.reauthentication !== undefined && transaction.isReauthenticated !== true
  return isOwed ? undefined : signInAt(browser, now)
}

function samePerson(one: SignedIn | undefined, other: SignedIn): boolean {
  return one?.issuer === other.issuer && one.subject === other.subject
}
