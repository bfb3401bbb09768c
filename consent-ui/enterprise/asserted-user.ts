import type { Log } from '../../core/log/log.ts'
import type { Person, QuiltCredential } from '../../core/sessions/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import { CredentialRefused } from '../quilt/credential-source.ts'
import type { ExchangeSource } from '../quilt/exchange-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { Registry } from '../quilt/registry.ts'
import { quiltUser, type LinkStore } from '../store/link-store.ts'
import type { AssertedIdentity } from './identity-assertion.ts'

export interface AssertedUserDependencies {
  readonly exchange: Pick<ExchangeSource, 'obtainByAssertion'>
  readonly registry: Registry
  readonly registryUrl: URL
  readonly links: LinkStore
  readonly logouts: Logouts
  readonly log: Log
  readonly now: () => number
}

export interface AssertedUser {
  readonly person: Person
  readonly credential: QuiltCredential
}

/** Quilt and the identity provider do not mean the same active user. `reason` is for the audit log. */
export class UserNotAccepted extends OAuthError {
  readonly reason: 'not_accepted_by_quilt' | 'another_email' | 'linked_to_another' | 'not_linked'

  constructor(reason: UserNotAccepted['reason'], description: string) {
    super('invalid_grant', description)
    this.reason = reason
  }
}

/** Obtains the Quilt credential of an assertion's user. @throws UserNotAccepted, Unavailable */
export async function assertedUser(
  dependencies: AssertedUserDependencies,
  assertion: AssertedIdentity,
): Promise<AssertedUser> {
  const { exchange, registry, logouts, now } = dependencies
  const credential = await exchange.obtainByAssertion(assertion.token, now()).catch(notAccepted(dependencies))
  try {
    const person = await registry.whoIs(credential).catch(notAccepted(dependencies))
    await requireSameUser(dependencies, assertion, person)
    return { person, credential }
  } catch (error) {
    logouts.begin(credential.token)
    throw error
  }
}

/**
 * As at a sign-in: the e-mail address must be the same byte for byte, and the first time links user and subject. An
 * assertion without a verified address counts only for a subject that was linked before.
 */
async function requireSameUser(
  { links, registryUrl, log }: AssertedUserDependencies,
  { issuer, subject, email }: AssertedIdentity,
  { name, email: quiltEmail }: Person,
): Promise<void> {
  const registry = registryUrl.origin
  if (email === undefined) {
    const linked = await links.userOf({ registry, issuer, subject })
    if (linked !== quiltUser({ registry, name })) {
      throw new UserNotAccepted(
        'not_linked',
        'the assertion has no verified email, and this user has not signed in here before',
      )
    }
  } else if (email !== quiltEmail) {
    throw new UserNotAccepted('another_email', 'Quilt knows this user by another e-mail address')
  }
  if (await links.confirm({ registry, name, issuer, subject })) return
  log.warn(
    { person: name },
    'identity assertion refused: its user or subject was linked to another one before',
  )
  throw new UserNotAccepted(
    'linked_to_another',
    'this Quilt user or this subject was linked to another one before',
  )
}

function notAccepted({ log }: AssertedUserDependencies): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof CredentialRefused)) throw error
    log.warn({ reason: error.reason }, 'registry: identity assertion not accepted')
    throw new UserNotAccepted('not_accepted_by_quilt', 'Quilt does not accept this user')
  }
}
