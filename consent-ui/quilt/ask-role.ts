import { z } from 'zod'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { registryClient, registryEndpoint } from '../../core/quilt/registry-client.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { REGISTRY_BOUNDS } from './ask-registry.ts'
import { SHOWN_FACT_TIMEOUT_MS } from '../lifetimes.ts'

/** Asks for the user's active role; undefined if the Registry does not say it in time. */
export type AskRole = (credential: QuiltCredential) => Promise<string | undefined>

const QUERY = JSON.stringify({ query: 'query { me { role { name } } }' })
const MAX_ROLE_CHARACTERS = 100
const answerSchema = z.object({ data: z.object({ me: z.object({ role: z.object({ name: z.string() }) }) }) })

/** `POST /graphql`. The role is shown to the user and decides nothing. */
export function roleQuery(registryUrl: URL, observer?: RequestObserver): AskRole {
  const bounds = { ...REGISTRY_BOUNDS, timeoutMs: SHOWN_FACT_TIMEOUT_MS }
  const send = registryClient(registryEndpoint(registryUrl, 'graphql'), bounds, observer)
  return async function askRole({ token }) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await send({ method: 'POST', headers, body: QUERY }).catch(() => undefined)
    const role = answerSchema.safeParse(answer?.body).data?.data.me.role.name
    return role?.slice(0, MAX_ROLE_CHARACTERS)
  }
}
