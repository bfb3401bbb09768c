import { z } from 'zod'
import { isNobodys } from '../../core/quilt/quilt-registry.ts'
import { askingRegistry, type RegistryAnswer } from '../registry/question.ts'

/** What the Registry says of an API key. */
export type KeyOwner =
  /** It is this person's, who is active. */
  | { readonly kind: 'accepted'; readonly name: string }
  /** Nobody's: unknown, revoked or over, or of a person who is not active. */
  | { readonly kind: 'refused' }

/**
 * Whose a key is.
 *
 * @throws Error for an answer that is not as documented, and for none; its message names no secret
 */
export type FindKeyOwner = (key: string) => Promise<KeyOwner>

const QUERY = JSON.stringify({ query: 'query { me { name } }' })

/** With errors in it, `me: null` may mean as well that something broke on the way to them. */
const answerSchema = z.object({
  data: z.object({ me: z.object({ name: z.string().min(1) }).nullable() }),
  errors: z.array(z.unknown()).max(0).nullish(),
})
const refusalSchema = z.object({ message: z.string() })

/** Asks by `POST /graphql`, which answers keys as it answers tokens; in connections of its own. */
export function findingKeyOwners(registryUrl: URL, timeoutMs?: number): FindKeyOwner {
  const ask = askingRegistry(registryUrl, { path: 'graphql', body: QUERY }, timeoutMs)
  return async (key) => understand(await ask(key))
}

/** 401 by its status alone: what it says beside that is not documented for GraphQL. */
function understand({ status, body }: RegistryAnswer): KeyOwner {
  const answer = answerSchema.safeParse(body).data
  if (status === 200 && answer !== undefined) {
    const { me } = answer.data
    return me === null ? { kind: 'refused' } : { kind: 'accepted', name: me.name }
  }
  const message = refusalSchema.safeParse(body).data?.message
  if (status === 401 || isNobodys({ status, message })) return { kind: 'refused' }
  throw new Error(`an answer that is not as documented, with status ${status}`)
}
