import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { parseJson } from '../../core/http/parse-json.ts'
import { registryEndpoint } from '../../core/quilt/quilt-registry.ts'
import { readBounded } from '../../core/http/read-bounded.ts'

/** So many questions are on their way at once; others wait for their turn, and give up when it takes too long. */
const MOST_IN_FLIGHT = 32
/** From asking to the answer's last byte, the wait for a turn included. */
const TIMEOUT_MS = 3000
/** What is documented takes 200. */
const LARGEST_ANSWER_BYTES = 16 * 1024

/** What is asked each time, for one credential after the other. */
export interface RegistryQuestion {
  /** Below the Registry's URL. */
  readonly path: string
  /** A JSON text, which makes it a POST. */
  readonly body?: string
}

export interface RegistryAnswer {
  readonly status: number | undefined
  /** Undefined where it is no JSON. */
  readonly body: unknown
}

/**
 * Asks the Registry in the name of whoever has a credential; redirects are not followed.
 *
 * @throws Error where there is no whole answer in time; its message names no secret
 */
export type AskRegistry = (credential: string) => Promise<RegistryAnswer>

/** Questions of one kind share their connections, and wait for nobody else's. */
export function askingRegistry(
  registryUrl: URL,
  { path, body }: RegistryQuestion,
  timeoutMs = TIMEOUT_MS,
): AskRegistry {
  const url = registryEndpoint(registryUrl, path)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_IN_FLIGHT })
  const method = body === undefined ? 'GET' : 'POST'
  const sent = body === undefined ? {} : { 'content-type': 'application/json' }

  return async (credential) => {
    const headers = { authorization: `Bearer ${credential}`, accept: 'application/json', ...sent }
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { agent, method, headers, signal }, resolve).on('error', reject).end(body)
    })
    const bytes = await readBounded(response, LARGEST_ANSWER_BYTES)
    return { status: response.statusCode, body: parseJson(bytes.toString('utf8')) }
  }
}
