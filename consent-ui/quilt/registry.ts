import { z } from 'zod'
import type { Person, QuiltCredential } from '../../core/session.ts'
import { askRegistry, type RegistryError } from './ask-registry.ts'
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

const meSchema = z.object({
  current_user: z.string().min(1),
  email: z.string(),
  is_active: z.boolean().optional(),
})

/** How Registries before 26.8 refuse who is not active; since then it is 401. */
const INACTIVE = 'Account is inactive. Must have an active account.'

export function createRegistry(registryUrl: URL): Registry {
  return {
    async whoIs({ token }) {
      const request = [registryEndpoint(registryUrl, 'api/me'), { headers: bearer(token) }] as const
      const me = await askRegistry(request, meSchema, isNobodys)
      if (me.is_active === false) throw new CredentialRefused('account is inactive')
      return { name: me.current_user, email: me.email }
    },

    async logOut(token) {
      const request = { method: 'POST', headers: bearer(token) }
      await askRegistry([registryEndpoint(registryUrl, 'api/logout'), request], z.unknown(), isNobodys).catch(
        (error: unknown) => {
          if (!(error instanceof CredentialRefused)) throw error
        },
      )
    },
  }
}

/** Below the Registry's URL, which may have a path of its own. */
export function registryEndpoint(registryUrl: URL, path: string): URL {
  return new URL(path, registryUrl.href.endsWith('/') ? registryUrl : `${registryUrl.href}/`)
}

/** 403 is who is known and may not do this one thing, which is no refusal of the person. */
function isNobodys({ status, message }: RegistryError): boolean {
  return (status === 401 && message !== undefined) || (status === 403 && message === INACTIVE)
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
