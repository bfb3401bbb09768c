import { randomSecret } from '../../core/hash.ts'
import type { Log } from '../../core/log.ts'
import type { Service } from '../../core/services.ts'
import type { Person, QuiltCredential } from '../../core/session.ts'
import { ShownError } from '../oauth/errors.ts'
import { RegistryRefused, type Registry } from '../quilt/registry.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { SignedInTransaction } from './consent.ts'

export interface ApproveParts {
  readonly registry: Registry
  readonly codes: CodeStore
  readonly services: readonly Service[]
  readonly now: () => number
  readonly log: Log
}

/** The person has pressed Continue: fetches their Quilt credential, and issues the code that stands for it. */
export function approve(parts: ApproveParts) {
  return async function issueCode({ transaction, person: signedIn }: SignedInTransaction): Promise<string> {
    const { credential, person } = await credentialOf(signedIn.idToken).catch((error: unknown) =>
      notAtQuilt(parts.log, error),
    )
    // The Registry and the identity provider must mean the same person, or nothing is issued.
    if (person.email !== signedIn.email) notAtQuilt(parts.log, new RegistryRefused('another e-mail address'))
    return await parts.codes.issue(
      {
        sessionId: randomSecret(),
        person,
        clientId: transaction.clientId,
        clientName: transaction.clientName,
        redirectUri: transaction.redirectUri,
        codeChallenge: transaction.codeChallenge,
        service: transaction.service,
        scope: transaction.scope,
        access: 'full',
        approvedAt: parts.now(),
      },
      credential,
    )
  }

  async function credentialOf(idToken: string): Promise<{ credential: QuiltCredential; person: Person }> {
    const credential = await parts.registry.exchange(idToken, parts.now())
    return { credential, person: await parts.registry.whoIs(credential) }
  }
}

function notAtQuilt(log: Log, error: unknown): never {
  if (!(error instanceof RegistryRefused)) throw error
  log.warn({ reason: error.reason }, 'the Registry did not accept a sign-in')
  throw new ShownError(
    'No Quilt account',
    'Quilt does not accept this sign-in. Ask your Quilt administrator whether your account is active, then connect again.',
    403,
  )
}
