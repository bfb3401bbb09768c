import type { Person, QuiltCredential } from '../../core/sessions/session.ts'
import type { IdentityAssertion } from '../provider/identity-provider.ts'
import type { Registry } from '../quilt/registry.ts'
import type { LinkStore } from '../store/link-store.ts'

/** Whose credential it is, and whether that is who signed in. */
export type Identified =
  | { readonly is: 'the_person'; readonly person: Person }
  /** Somebody with another e-mail. */
  | { readonly is: 'another_email'; readonly person: Person }
  /** The e-mail is the same, and the Quilt user was linked to another subject of the identity provider before. */
  | { readonly is: 'another_subject'; readonly person: Person }
  /** The e-mail is the same, and the subject was linked to another Quilt user before. */
  | { readonly is: 'another_link'; readonly person: Person }

export interface IdentifyParts {
  readonly registry: Registry
  readonly registryUrl: URL
  readonly links: LinkStore
}

/**
 * The Registry and the identity provider must mean the same person, or nothing is issued. Addresses are compared
 * letter by letter: what one side takes for the same mailbox, the other may give to somebody else.
 */
export function identify({ registry, registryUrl, links }: IdentifyParts) {
  /** @throws CredentialRefused when the credential is nobody's, Unavailable */
  return async function whoseIs(
    credential: QuiltCredential,
    signIn: IdentityAssertion | undefined,
  ): Promise<Identified> {
    const person = await registry.whoIs(credential)
    if (signIn === undefined) return { is: 'the_person', person }
    if (person.email !== signIn.email) return { is: 'another_email', person }
    const { issuer, subject } = signIn
    const link = { registry: registryUrl.origin, name: person.name, issuer, subject }
    if (await links.confirm(link)) return { is: 'the_person', person }
    return { is: (await links.hasAnotherSubject(link)) ? 'another_subject' : 'another_link', person }
  }
}
