import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

const TIMEOUT_MS = 1000

/** Whether a server answers with 200. Rejects if it does not answer. */
export async function answersHttp(target: {
  path: string
  port?: number
  socketPath?: string
}): Promise<boolean> {
  const asked = request({ host: '127.0.0.1', ...target, timeout: TIMEOUT_MS, agent: false })
  asked.once('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode === 200
}
