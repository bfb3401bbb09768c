import { z } from 'zod'
import {
  registryClient,
  registryEndpoint,
  UnusableAnswer,
  type RegistryAnswer,
} from '../../core/quilt/registry-client.ts'
import { errorMessageOf, isCredentialRefused } from '../../core/quilt/registry.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { REGISTRY_BOUNDS } from '../registry/registry-bounds.ts'

export type KeyOwner =
  /** The key belongs to this active user. */
  | { readonly kind: 'accepted'; readonly name: string }
  /** The key is unknown, revoked or expired, or its user is not active. */
  | { readonly kind: 'refused' }

/** @throws Error without a documented answer; the message contains no secret */
export type FindKeyOwner = (key: string) => Promise<KeyOwner>

const QUERY = JSON.stringify({ query: 'query { me { name } }' })

/** With `errors`, `me: null` may also mean a failure of Quilt. */
const answerSchema = z.object({
  data: z.object({ me: z.object({ name: z.string().min(1) }).nullable() }),
  errors: z.array(z.unknown()).max(0).nullish(),
})

/** Asks with `POST /graphql`, which accepts keys like tokens, on separate connections. */
export function findingKeyOwners(
  registryUrl: URL,
  bounds = REGISTRY_BOUNDS,
  observer?: RequestObserver,
): FindKeyOwner {
  const send = registryClient(registryEndpoint(registryUrl, 'graphql'), bounds, observer)
  return async (key) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    return understand(await send({ method: 'POST', headers, body: QUERY }))
  }
}

/** For 401 only the status counts: Quilt documents no body for GraphQL. */
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
