import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { EDGE_ENVIRONMENT } from '../../envoy/support.ts'

const DISCOVERY = '/.well-known/oauth-authorization-server'
const CHECK_INTERVAL_MS = 100
const UNHEALTHY_THRESHOLD = 2
const REQUEST_INTERVAL_MS = 10

/** Sends a request as a load balancer with TLS in front does. */
export function ask(port: number, path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  const headers = {
    host: new URL(EDGE_ENVIRONMENT.CONNECT_ORIGIN ?? '').host,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
  }
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      // Envoy may only end after the whole answer.
      response
        .resume()
        .once('end', () => resolve(response))
        .once('error', reject)
    })
    asked.once('error', reject)
  })
}

/**
 * Sends 100 requests a second, on kept and on new connections, until the target's health check has failed twice.
 *
 * @returns how many answers had each status, and the errors
 */
export async function sendUntilUnhealthy(port: number): Promise<ReadonlyMap<string, number>> {
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 10 })
  const outcomes = new Map<string, number>()
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  const open: Promise<void>[] = []
  let isHealthy = true

  const checked = (async () => {
    for (let failed = 0; failed < UNHEALTHY_THRESHOLD;) {
      const isGood = await ask(port, '/healthz').then(
        ({ statusCode }) => statusCode === 200,
        (error: Error) => void count(`/healthz: ${error.message}`),
      )
      failed = isGood === true ? 0 : failed + 1
      await setTimeout(CHECK_INTERVAL_MS)
    }
    isHealthy = false
  })()
  while (isHealthy) {
    const asked = ask(port, DISCOVERY, open.length % 2 === 0 ? keepAlive : false)
    open.push(
      asked.then(({ statusCode }) => count(String(statusCode))).catch((error: Error) => count(error.message)),
    )
    await setTimeout(REQUEST_INTERVAL_MS)
  }
  await Promise.all([checked, ...open])
  keepAlive.destroy()
  return outcomes
}
