import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { structOf } from '../../../authz/envoy/stage-metadata.ts'
import { createHttpServer } from '../../../consent-ui/http/http-server.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { FILES_ENTRY, PLATFORM_ENTRY } from '../../support/services.ts'
import { startAuthzWitness, type AuthzWitness } from './authz-witness.ts'
import { isHealthCheck } from './http-witness.ts'
import { http1, type EdgeAnswer, type Http1Request } from './http1.ts'
import { loneEnvoy, type LoneEnvoy } from './lone-envoy.ts'

export interface EdgeBetween extends LoneEnvoy {
  /** Answers for consent-ui and both services, `platform` (MCP) and `files` (HTTP). */
  readonly behind: { consentUi: RequestListener; service: RequestListener }
  readonly authz: AuthzWitness
  readonly consentUiServer: Server
  readonly serviceServer: Server
  /** One request of HTTP/1.1, as the load balancer sends it. */
  ask(request: Http1Request): Promise<EdgeAnswer>
}

export interface EdgeBetweenOptions {
  readonly changes?: Parameters<typeof loneEnvoy>[0]
  readonly environment?: Environment
  /** Further members of both services' entries, in YAML. */
  readonly entries?: { readonly platform?: string; readonly files?: string }
}

/** authz lets every request pass, until a test scripts it. */
export async function edgeBetween(options: EdgeBetweenOptions = {}): Promise<EdgeBetween> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-between-'))
  const behind = { consentUi: answerEmpty, service: answerEmpty }
  const serviceServer = createServer((request, response) => behind.service(request, response))
  const consentUiServer = createHttpServer((request, response) => {
    const answer = isHealthCheck(request) ? answerEmpty : behind.consentUi
    answer(request, response)
  })
  const [servicePort, consentUiPort] = await Promise.all([
    listening(serviceServer),
    listening(consentUiServer),
  ])
  const authz = startAuthzWitness(join(folder, 'unused.sock'), join(folder, 'authz.sock'))
  authz.script = () => LET_PASS
  closeAfterAll(async () => {
    await authz.stop()
    await rm(folder, { recursive: true })
  })
  const { platform = '', files = '' } = options.entries ?? {}
  const envoy = await loneEnvoy(options.changes ?? [], {
    AUTHZ_LISTEN: `unix:${join(folder, 'authz.sock')}`,
    CONSENT_UI_LISTEN: `127.0.0.1:${consentUiPort}`,
    CONNECT_SERVICES: [PLATFORM_ENTRY, platform, FILES_ENTRY, files]
      .join('')
      .replace(/127\.0\.0\.1:800[01]/g, `127.0.0.1:${servicePort}`),
    ...options.environment,
  })
  return {
    ...envoy,
    behind,
    authz,
    consentUiServer,
    serviceServer,
    ask: (request) =>
      http1(envoy.origin, {
        ...request,
        lines: [`Host: ${envoy.host}`, 'X-Forwarded-For: 192.0.2.7', ...(request.lines ?? [])],
      }),
  }
}

const answerEmpty: RequestListener = (request, response) => {
  request.resume()
  response.setHeader('content-type', 'application/json')
  response.end('{}')
}

const LET_PASS = {
  status: { code: 0 },
  ok_response: { headers: [] },
  dynamic_metadata: structOf({ decision: 'allow', tool_access: 'not_needed' }),
}

/** @returns the port at which it listens until the last test is over */
async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}
