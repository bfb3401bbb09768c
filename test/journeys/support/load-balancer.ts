import { once } from 'node:events'
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http'
import { answersHttp } from '../../../deploy/container/answers-http.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'

/** Where a target listens: a port of this machine, or a Unix socket. */
type Address = Pick<RequestOptions, 'port' | 'socketPath'>

/** Of an AWS load balancer: 2 checks of 5 s; here a tenth. */
const CHECK_MS = 500
const CHECKS_IN_A_ROW = 2

interface Target {
  readonly address: Address
  readonly agent: Agent
  /** Results in a row, positive if healthy. */
  checks: number
  isHealthy: boolean
}

/** One listener in front of targets, which it asks in turn while /healthz answers, as an AWS load balancer does. */
export interface LoadBalancer {
  /** Answers that the load balancer had to give itself. */
  readonly failures: readonly string[]
  /** Adds a target, and waits until it gets requests. */
  register(address: Address): Promise<void>
  /** Sends it no more requests; those that are open go on. */
  deregister(address: Address): void
  /** Waits until health checks have taken it out. */
  takenOut(address: Address): Promise<void>
}

export async function startLoadBalancer(port: number): Promise<LoadBalancer> {
  const targets = new Map<Address, Target>()
  const failures: string[] = []
  let turn = 0

  const server = createServer((incoming, outgoing) => {
    const live = [...targets.values()].filter(({ isHealthy }) => isHealthy)
    turn += 1
    const target = live[turn % live.length]
    if (target === undefined) fail(outgoing, 'no healthy target')
    else forward(target, incoming, outgoing)
  })
  server.keepAliveTimeout = 60_000
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const checking = setInterval(() => {
    for (const target of targets.values()) void check(target)
  }, CHECK_MS)
  closeAfterAll(() => {
    clearInterval(checking)
    server.close()
    server.closeAllConnections()
  })

  function forward(target: Target, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { remoteAddress = '' } = incoming.socket
    const headers = { ...incoming.headers, 'x-forwarded-for': remoteAddress, 'x-forwarded-proto': 'http' }
    const { method, url: path } = incoming
    const { agent, address } = target
    const asked = request({ host: '127.0.0.1', ...address, agent, method, path, headers })
    asked.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, withoutConnection(answer.rawHeaders))
      outgoing.flushHeaders()
      answer.pipe(outgoing)
      // A stream that the target cut is cut for the client too.
      answer.once('close', () => {
        if (!answer.complete) outgoing.destroy()
      })
    })
    asked.once('error', (error) => fail(outgoing, `${method ?? ''} ${path ?? ''}: ${error.message}`))
    outgoing.once('close', () => asked.destroy())
    incoming.pipe(asked)
  }

  function fail(outgoing: ServerResponse, reason: string): void {
    if (outgoing.closed) return
    if (outgoing.headersSent) return void outgoing.destroy()
    failures.push(reason)
    outgoing.writeHead(502).end()
  }

  async function check(target: Target): Promise<void> {
    const isAnswered = await answersHttp({ ...portOrSocket(target.address), path: '/healthz' }).catch(
      () => false,
    )
    target.checks = isAnswered ? Math.max(1, target.checks + 1) : Math.min(-1, target.checks - 1)
    if (Math.abs(target.checks) >= CHECKS_IN_A_ROW) target.isHealthy = isAnswered
  }

  return {
    failures,
    async register(address) {
      const target = { address, agent: new Agent({ keepAlive: true }), checks: 0, isHealthy: false }
      targets.set(address, target)
      await until(() => target.isHealthy, 'the target to be healthy')
    },
    deregister(address) {
      targets.delete(address)
    },
    async takenOut(address) {
      await until(() => targets.get(address)?.isHealthy === false, 'the target to be unhealthy')
    },
  }
}

function portOrSocket({ port, socketPath }: Address) {
  return {
    ...(typeof port === 'number' ? { port } : {}),
    ...(typeof socketPath === 'string' ? { socketPath } : {}),
  }
}

/** Headers of one connection are not another's. */
function withoutConnection(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase() ?? ''
    return !['connection', 'keep-alive', 'transfer-encoding'].includes(name)
  })
}
