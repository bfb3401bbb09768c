import { z } from 'zod'

export interface QuiltUser {
  readonly name: string
  readonly email: string
  readonly role: string
  readonly buckets: readonly { readonly name: string; readonly title: string }[]
}

export class NotAuthenticated extends Error {}
export class RegistryUnavailable extends Error {}

const TIMEOUT_MS = 5000
const QUERY = 'query { me { name email role { name } } buckets { name title } }'

const named = z.object({ name: z.string() })
const answerSchema = z.object({
  data: z.object({
    me: z.object({ name: z.string(), email: z.string(), role: named }).nullable(),
    buckets: z.array(named.extend({ title: z.string() })),
  }),
})

/**
 * Asks the Registry for the user of a credential; at every request, since the role may change.
 *
 * @throws NotAuthenticated, RegistryUnavailable
 */
export async function fetchQuiltUser(
  registryUrl: URL,
  authorization: string | undefined,
): Promise<QuiltUser> {
  const credential = bearerOf(authorization)
  const response = await ask(registryUrl, credential)
  if (response.status === 401) throw new NotAuthenticated('Token invalid.')
  const { data } = await understood(response)
  // The documented Registry may also answer 200 without a user.
  if (data.me === null) throw new NotAuthenticated('Token invalid.')
  return { name: data.me.name, email: data.me.email, role: data.me.role.name, buckets: data.buckets }
}

/** RFC 6750 section 2.1. */
function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined) throw new NotAuthenticated('Not logged in')
  const [, credential] = /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization) ?? []
  if (credential === undefined) throw new NotAuthenticated('Token invalid.')
  return credential
}

async function ask(registryUrl: URL, credential: string): Promise<Response> {
  const base = registryUrl.href.endsWith('/') ? registryUrl : `${registryUrl.href}/`
  try {
    return await fetch(new URL('graphql', base), {
      method: 'POST',
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
  } catch (cause) {
    throw new RegistryUnavailable('The Quilt Registry does not answer.', { cause })
  }
}

async function understood(response: Response): Promise<z.output<typeof answerSchema>> {
  try {
    if (!response.ok) throw new Error(`status ${response.status}`)
    return answerSchema.parse(await response.json())
  } catch (cause) {
    throw new RegistryUnavailable('The Quilt Registry does not answer.', { cause })
  }
}
