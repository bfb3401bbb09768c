import { z } from 'zod'
import { isNobodys, meSchema, registryEndpoint } from '../../core/quilt/quilt-registry.ts'
import type { Person, QuiltCredential } from '../../core/sessions/session.ts'
import { askRegistry } from './ask-registry.ts'
import { CredentialRefused } from './credential-source.ts'

/** What the Quilt Registry says of a credential, whichever source it is from. Both throw Unavailable. */
export interface Registry {
  /**
   * Who a Quilt credential belongs to (`GET /api/me`).
   *
   * @throws CredentialRefused when it is nobody's any more, or its person is deactivated
   */
  whoIs(credential: QuiltCredential): Promise<Person>
  /** Logs this one credential out (`POST /api/logout`); one that is nobody's any more is logged out. */
  logOut(token: string): Promise<void>
}

/** Whom a credential is for must be known by e-mail here. */
const personSchema = meSchema.required({ email: true })

export function createRegistry(registryUrl: URL): Registry {
  return {
    async whoIs({ token }) {
      const request = [registryEndpoint(registryUrl, 'api/me'), { headers: bearer(token) }] as const
      const me = await askRegistry(request, personSchema, { isRefusal: isNobodys })
      if (me.is_active === false) throw new CredentialRefused('account is inactive')
      return { name: me.current_user, email: me.email }
    },

    async logOut(token) {
      const request = { method: 'POST', headers: bearer(token) }
      const question = [registryEndpoint(registryUrl, 'api/logout'), request] as const
      await askRegistry(question, z.unknown(), { isRefusal: isNobodys }).catch((error: unknown) => {
        if (!(error instanceof CredentialRefused)) throw error
      })
    },
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
