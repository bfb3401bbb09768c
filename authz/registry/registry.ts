import { Agent as HttpAgent, get as getHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, get as getHttps } from 'node:https'
import { z } from 'zod'
import { isNobodys, meSchema, registryEndpoint } from '../../core/quilt-registry.ts'
import { parseJson } from '../../core/parse-json.ts'
import { readBounded } from '../../core/read-bounded.ts'

/** So many questions are on their way at once; others wait for their turn, and give up when it takes too long. */
const MOST_IN_FLIGHT = 32
/** From asking to the answer's last byte, the wait for a turn included. */
const TIMEOUT_MS = 3000
/** What is documented takes 200. */
const LARGEST_ANSWER_BYTES = 16 * 1024

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
export function connectRegistry(registryUrl: URL, timeoutMs = TIMEOUT_MS): Registry {
  const url = registryEndpoint(registryUrl, 'api/me')
  const get = url.protocol === 'https:' ? getHttps : getHttp
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_IN_FLIGHT })

  return {
    async whoIs(token) {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(url, { agent, headers, signal }, resolve).on('error', reject)
      })
      return understand(
        response.statusCode,
        parseJson((await readBounded(response, LARGEST_ANSWER_BYTES)).toString('utf8')),
      )
    },
  }
}

function understand(status: number | undefined, answer: unknown): CredentialAnswer {
  const person = meSchema.safeParse(answer).data
  if (status === 200 && person !== undefined) {
    return person.is_active === false ? { kind: 'refused' } : { kind: 'accepted', name: person.current_user }
  }
  const message = refusalSchema.safeParse(answer).data?.message
  if (isNobodys({ status, message })) return { kind: 'refused' }
  throw new Error(`an answer that is not as documented, with status ${status}`)
}
