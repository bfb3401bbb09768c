import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { boundedBy, listenForCalls } from '../../../authz/envoy/grpc-server.ts'
import { childEnvironment } from '../../support/child-environment.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

const MAIN = new URL('../../../deploy/container/health-check.ts', import.meta.url).pathname

function check(...args: string[]): Promise<{ status: number; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: childEnvironment({}) },
      (_error, _stdout, stderr) => resolve({ status: child.exitCode ?? -1, stderr }),
    )
  })
}

describe('deploy/container/health-check.ts', () => {
  let folder: string
  let http: string
  let grpc: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-health-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
    http = join(folder, 'http.sock')
    grpc = join(folder, 'grpc.sock')
    const pages = createServer((request, response) =>
      response.writeHead(request.url === '/healthz' ? 200 : 503).end(),
    ).listen(http)
    await once(pages, 'listening')
    closeAfterAll(() => void pages.close())
    const server = new Server(boundedBy(1024))
    new HealthImplementation({ '': 'SERVING', started: 'NOT_SERVING' }).addToServer(server)
    const calls = await listenForCalls(server, { path: grpc })
    closeAfterAll(() => calls.stop(0))
  })

  const cases = [
    [0, 'http', '/healthz', /^$/],
    [1, 'http', '/other', /^not healthy\n$/],
    [0, 'grpc', '', /^$/],
    [1, 'grpc', 'started', /^not healthy\n$/],
    [1, 'grpc', 'unknown', /^not healthy: 5 NOT_FOUND/],
    [1, 'redis', '', /^not healthy: usage: /],
  ] as const
  for (const [status, protocol, asked, stderr] of cases) {
    it(`exits with ${status} for ${protocol} "${asked}"`, async () => {
      const result = await check(protocol, protocol === 'http' ? http : grpc, asked)
      assert.equal(result.status, status)
      assert.match(result.stderr, stderr)
    })
  }

  for (const protocol of ['http', 'grpc']) {
    it(`exits with 1 if no process listens (${protocol})`, async () => {
      const result = await check(protocol, join(folder, 'none.sock'), '/healthz')
      assert.equal(result.status, 1)
      assert.match(result.stderr, /^not healthy: .*ENOENT/)
    })
  }
})
