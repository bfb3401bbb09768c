import { z } from 'zod'
import { clean } from '../../core/log/describe-error.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { registryClient, registryEndpoint, UnusableAnswer } from '../../core/quilt/registry-client.ts'
import { connectRegistry, isCredentialRefused } from '../../core/quilt/registry.ts'
import type { Person, QuiltCredential } from '../../core/sessions/session.ts'
import { askRegistry, REGISTRY_BOUNDS, registryUnavailable } from './ask-registry.ts'
import { CredentialRefused } from './credential-source.ts'

/** The Registry's answers about a credential of any source. Both methods throw Unavailable. */
export interface Registry {
  /** The credential's user. @throws CredentialRefused if the credential has ended or its user is deactivated */
  whoIs(credential: QuiltCredential): Promise<Person>
  /** Logs this one credential out (`POST /api/logout`). A credential that has ended counts as logged out. */
  logOut(token: string): Promise<void>
}

export function createRegistry(registryUrl: URL, observer?: RequestObserver): Registry {
  const registry = connectRegistry(registryUrl, REGISTRY_BOUNDS, observer)
  const sendLogOut = registryClient(registryEndpoint(registryUrl, 'api/logout'), REGISTRY_BOUNDS, observer)
  return {
    async whoIs({ token }) {
      const owner = await registry.whoIs(token).catch(registryUnavailable)
      if (owner.kind === 'refused') throw new CredentialRefused(clean(owner.reason, [token]))
      const { name, email } = owner
      if (email === undefined) registryUnavailable(new UnusableAnswer('no e-mail address'))
      return { name, email }
    },

    async logOut(token) {
      const request = { method: 'POST', headers: { authorization: `Bearer ${token}` } } as const
      await askRegistry(sendLogOut, request, {
        schema: z.unknown(),
        isRefusal: isCredentialRefused,
      }).catch((error: unknown) => {
        if (!(error instanceof CredentialRefused)) throw error
      })
    },
  }
}
