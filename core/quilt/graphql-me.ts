import { z } from 'zod'
import type { RequestObserver } from '../metrics/outgoing-requests.ts'
import { registryClient, registryEndpoint, UnusableAnswer, type RegistryBounds } from './registry-client.ts'
import { errorMessageOf, isCredentialRefused } from './registry.ts'

/**
 * Asks for members of GraphQL's `me`, on connections of its own. GraphQL accepts API keys and tokens alike.
 *
 * @returns a function that returns undefined if the credential is unknown, revoked or expired, or its user is not active.
 *   It throws Error without a documented answer; the message contains no secret
 */
export function askingMe<Members extends z.ZodRawShape>(
  registryUrl: URL,
  members: Members,
  { bounds, observer }: { readonly bounds: RegistryBounds; readonly observer?: RequestObserver | undefined },
): (credential: string) => Promise<z.output<z.ZodObject<Members>> | undefined> {
  const send = registryClient(registryEndpoint(registryUrl, 'graphql'), bounds, observer)
  const query = JSON.stringify({ query: `query { me { ${Object.keys(members).join(' ')} } }` })
  // With `errors`, `me: null` may also mean a failure of Quilt.
  const answerSchema = z.object({
    data: z.object({ me: z.object(members).nullable() }),
    errors: z.array(z.unknown()).max(0).nullish(),
  })
  return async (credential) => {
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    const received = await send({ method: 'POST', headers, body: query })
    const { status, body } = received
    const { data: answer } = answerSchema.safeParse(body)
    if (status === 200 && answer !== undefined) return answer.data.me ?? undefined
    // For 401 only the status counts: Quilt documents no body for GraphQL.
    if (status === 401 || isCredentialRefused({ status, message: errorMessageOf(received) })) return undefined
    throw new UnusableAnswer(`an answer that is not as documented, with status ${status}`)
  }
}
