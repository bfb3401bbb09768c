import { z } from 'zod'
import { isNobodys, meSchema } from '../../core/quilt/quilt-registry.ts'
import { askingRegistry, type RegistryAnswer } from './question.ts'

/** What the Registry says of a Quilt credential. */
type CredentialAnswer =
  /** It is this person's, who is active. */
  | { readonly kind: 'accepted'; readonly name: string }
  /** Nobody may use it: it is unknown or over, or its person is not active. */
  | { readonly kind: 'refused' }

/** The part of the Quilt Registry's API that is asked while a credential is in use. */
export interface Registry {
  /**
   * Whose credential it is (`GET /api/me`).
   *
   * @throws Error for an answer that is not exactly as documented, and for none; its message names no secret
   */
  whoIs(token: string): Promise<CredentialAnswer>
}

const refusalSchema = z.object({ message: z.string() })

/** @param registryUrl - below which `api/me` is */
export function connectRegistry(registryUrl: URL, timeoutMs?: number): Registry {
  const ask = askingRegistry(registryUrl, { path: 'api/me' }, timeoutMs)
  return {
    whoIs: async (token) => understand(await ask(token)),
  }
}

function understand({ status, body }: RegistryAnswer): CredentialAnswer {
  const person = meSchema.safeParse(body).data
  if (status === 200 && person !== undefined) {
    return person.is_active === false ? { kind: 'refused' } : { kind: 'accepted', name: person.current_user }
  }
  const message = refusalSchema.safeParse(body).data?.message
  if (isNobodys({ status, message })) return { kind: 'refused' }
  throw new Error(`an answer that is not as documented, with status ${status}`)
}
