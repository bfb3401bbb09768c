import { z } from 'zod'
import type { RequestObserver } from '../metrics/outgoing-requests.ts'
import {
  registryClient,
  registryEndpoint,
  UnusableAnswer,
  type RegistryAnswer,
  type RegistryBounds,
} from './registry-client.ts'

type CredentialOwner =
  | { readonly kind: 'accepted'; readonly name: string; readonly email?: string | undefined }
  /** Unknown or expired, or its user is not active. The reason is the Registry's and may repeat the credential. */
  | { readonly kind: 'refused'; readonly reason: string }

export interface Registry {
  /**
   * `GET /api/me`.
   *
   * @throws UnusableAnswer, or the connection's error; neither names a secret
   */
  whoIs(token: string): Promise<CredentialOwner>
}

const meSchema = z.object({
  current_user: z.string().min(1),
  email: z.string().optional(),
  is_active: z.boolean().optional(),
})
const errorSchema = z.object({ message: z.string() })

/** Registries before 26.8 refuse an inactive user with this; later ones answer 401. */
const INACTIVE = 'Account is inactive. Must have an active account.'
/** A user without a role may do nothing in Quilt. */
const NO_ROLE = 'Default role not set'

export function connectRegistry(
  registryUrl: URL,
  bounds: RegistryBounds,
  observer?: RequestObserver,
): Registry {
  const send = registryClient(registryEndpoint(registryUrl, 'api/me'), bounds, observer)
  return {
    whoIs: async (token) =>
      ownerOf(await send({ method: 'GET', headers: { authorization: `Bearer ${token}` } })),
  }
}

function ownerOf(answer: RegistryAnswer): CredentialOwner {
  const { status, body } = answer
  const me = meSchema.safeParse(body).data
  if (status === 200 && me !== undefined) {
    return me.is_active === false
      ? { kind: 'refused', reason: 'account is inactive' }
      : { kind: 'accepted', name: me.current_user, email: me.email }
  }
  const message = errorMessageOf(answer)
  if (isCredentialRefused({ status, message })) return { kind: 'refused', reason: `${status} ${message}` }
  throw new UnusableAnswer(`an answer that is not as documented, with status ${status}`)
}

/** The Registry's own form of an error, `{"message"}`. */
export function errorMessageOf({ body }: RegistryAnswer): string | undefined {
  return errorSchema.safeParse(body).data?.message
}

/**
 * True if an error refuses the credential or its user. A proxy in between answers with the same status, so it counts
 * only in the Registry's own form. Any other 400 or 403 refuses one request, not the user.
 */
export function isCredentialRefused({
  status,
  message,
}: {
  readonly status: number
  readonly message?: string | undefined
}): boolean {
  if (message === undefined) return false
  if (status === 401) return true
  return (
    (status === 403 && message === INACTIVE) || (status === 400 && message.replace(/\.$/, '') === NO_ROLE)
  )
}
