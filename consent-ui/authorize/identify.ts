import type { Log } from '../../core/log/log.ts'
import type { Person, QuiltCredential } from '../../core/sessions/session.ts'
import { en } from '../pages/texts/en/en.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import type { Registry } from '../quilt/registry.ts'
import type { LinkStore } from '../store/link-store.ts'
import { SignInNotAccepted } from './another-account.ts'

/** The user of a credential, compared with the signed-in user. */
interface Identified {
  readonly is: 'the_user' | 'another_email'
  readonly person: Person
}

export interface IdentifyDependencies {
  readonly registry: Registry
  readonly registryUrl: URL
  readonly links: LinkStore
  readonly log: Log
}

/**
 * Requires that the Registry and the identity provider mean the same user. E-mail addresses are compared byte for
 * byte: two spellings that one side treats as one mailbox may be two users of the other.
 *
 * @throws SignInNotAccepted if either was linked to another account before; CredentialRefused; Unavailable
 */
export async function identify(
  { registry, registryUrl, links, log }: IdentifyDependencies,
  credential: QuiltCredential,
  signIn: IdentityAssertion | undefined,
): Promise<Identified> {
  const person = await registry.whoIs(credential)
  if (signIn === undefined) return { is: 'the_user', person }
  if (person.email !== signIn.email) return { is: 'another_email', person }
  const { issuer, subject } = signIn
  const link = { registry: registryUrl.origin, name: person.name, issuer, subject }
  if (await links.confirm(link)) return { is: 'the_user', person }
  throw (await links.hasAnotherSubject(link)) ? anotherSubject(log, person) : anotherLink(log)
}

export function noQuiltAccount(): SignInNotAccepted {
  return new SignInNotAccepted(en.errors.noAccount)
}

function anotherSubject(log: Log, { name }: Person): SignInNotAccepted {
  log.warn({ person: name }, 'sign-in refused: its Quilt user was linked to another subject before')
  return new SignInNotAccepted(en.errors.anotherSubject)
}

function anotherLink(log: Log): SignInNotAccepted {
  log.warn('sign-in refused: its Quilt user or its subject was linked to another one before')
  return new SignInNotAccepted(en.errors.anotherLink)
}
