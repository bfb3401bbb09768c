import { z } from 'zod'
import {
  registryClient,
  registryEndpoint,
  UnusableAnswer,
  type RegistryAnswer,
} from '../../core/quilt/registry-client.ts'
import { errorMessageOf, isCredentialRefused } from '../../core/quilt/registry.ts'
import { REGISTRY_BOUNDS } from '../registry/registry-bounds.ts'

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

/** Asks by `POST /graphql`, which answers keys as it answers tokens; in connections of its own. */
export function findingKeyOwners(registryUrl: URL, bounds = REGISTRY_BOUNDS): FindKeyOwner {
  const send = registryClient(registryEndpoint(registryUrl, 'graphql'), bounds)
  return async (key) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    return understand(await send({ method: 'POST', headers, body: QUERY }))
  }
}

/** 401 by its status alone: what it says beside that is not documented for GraphQL. */
function understand(received: RegistryAnswer): KeyOwner {
  const { status, body } = received
  const answer = answerSchema.safeParse(body).data
  if (status === 200 && answer !== undefined) {
    const { me } = answer.data
    return me === null ? { kind: 'refused' } : { kind: 'accepted', name: me.name }
  }
  const message = errorMessageOf(received)
  if (status === 401 || isCredentialRefused({ status, message })) return { kind: 'refused' }
  throw new UnusableAnswer(`an answer that is not as documented, with status ${status}`)
}
