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
 * @returns the status of each answer, or why it did not come
 */
export async function sendUntilUnhealthy(port: number): Promise<string[]> {
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 10 })
  const sent: Promise<string>[] = []
  const unhealthy = new AbortController()
  const checked = untilUnhealthy(port).then(() => unhealthy.abort())
  while (!unhealthy.signal.aborted) {
    sent.push(outcomeOf(ask(port, DISCOVERY, sent.length % 2 === 0 ? keepAlive : false)))
    await setTimeout(REQUEST_INTERVAL_MS)
  }
  await checked
  const outcomes = await Promise.all(sent)
  keepAlive.destroy()
  return outcomes
}

async function untilUnhealthy(port: number): Promise<void> {
  for (let failed = 0; failed < UNHEALTHY_THRESHOLD;) {
    failed = (await outcomeOf(ask(port, '/healthz'))) === '200' ? 0 : failed + 1
    await setTimeout(CHECK_INTERVAL_MS)
  }
}

async function outcomeOf(asked: Promise<IncomingMessage>): Promise<string> {
  try {
    return String((await asked).statusCode)
  } catch (error) {
    return (error as Error).message
  }
}
