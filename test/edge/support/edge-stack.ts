import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser } from '../../journeys/support/connected-user.ts'
import { recordedStack, type RecordedStack } from '../../journeys/support/recorded-stack.ts'
import { closeAfterAll, sharedByFiles } from '../../support/close-after-all.ts'
import { startAuthzWitness, type AuthzWitness } from './authz-witness.ts'
import { handedOnTo, witnessed, type Received } from './http-witness.ts'

/** A whole stack behind one load balancer, with a witness before each server that Envoy sends requests to. */
export interface EdgeStack extends RecordedStack {
  readonly authz: AuthzWitness
  /** The Registry of authz, which a script may replace. */
  readonly registry: { script: RequestListener | undefined }
  readonly atConsentUi: Received[]
  readonly atPlatform: Received[]
  readonly atFiles: Received[]
}

/** The stack that all tests of this folder share and do not change. It logs at debug level. */
export const edgeStack = sharedByFiles(startEdgeStack)

export const adaAtTheEdge = sharedByFiles(async () => await connectedUser(await edgeStack(), ADA))

/** Ada's Authorization header. */
export async function authorizationAtTheEdge(): Promise<readonly [name: string, value: string]> {
  return ['authorization', `Bearer ${(await adaAtTheEdge()).accessToken}`]
}

async function startEdgeStack(): Promise<EdgeStack> {
  const [atConsentUi, atPlatform, atFiles]: [Received[], Received[], Received[]] = [[], [], []]
  const registry: EdgeStack['registry'] = { script: undefined }
  let authz: AuthzWitness | undefined
  const real = { folder: '', filesPort: 0, registryPort: 0 }
  const consentUi = createServer(
    witnessed(
      atConsentUi,
      handedOnTo(() => ({ socketPath: `${real.folder}/consent-ui.sock` })),
    ),
  )
  const files = await listening(
    witnessed(
      atFiles,
      handedOnTo(() => ({ port: real.filesPort })),
    ),
  )
  const toRegistry = handedOnTo(() => ({ port: real.registryPort }))
  const registryPort = await listening((request, response) => {
    const answer = registry.script ?? toRegistry
    answer(request, response)
  })

  const stack = await recordedStack({
    logLevel: 'debug',
    service: witnessed(atPlatform, echo),
    changes: { authz: { QUILT_REGISTRY_URL: `http://127.0.0.1:${registryPort}`, API_KEYS: 'full' } },
    changeEnvoyConfig(rendered) {
      const folder = found(/path: "?([^\s"]+)\/authz\.sock/, rendered)
      Object.assign(real, { folder, filesPort: Number(found(FILES_PORT, rendered)) })
      consentUi.listen(`${folder}/consent-ui-witness.sock`)
      const toAuthz = startAuthzWitness(`${folder}/authz.sock`, `${folder}/authz-witness.sock`)
      authz = toAuthz
      closeAfterAll(() => toAuthz.stop())
      return rendered
        .replaceAll('/authz.sock', '/authz-witness.sock')
        .replaceAll('/consent-ui.sock', '/consent-ui-witness.sock')
        .replace(FILES_PORT, (text) => text.replace(/\d+$/, String(files)))
        .replace('xff_num_trusted_hops: 0', 'xff_num_trusted_hops: 1')
        .replace(/- remove: "?x-amzn-trace-id"?\n/, (text) => text.replace('x-amzn-trace-id', 'x-unused'))
    },
  })
  real.registryPort = stack.context.ports.registry
  closeAfterAll(() => close(consentUi))
  if (authz === undefined) throw new Error('Envoy was not started')
  return { ...stack, authz, registry, atConsentUi, atPlatform, atFiles }
}

/** @returns the port at which it listens until the last test is over */
async function listening(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => close(server))
  return (server.address() as AddressInfo).port
}

function close(server: Server): void {
  server.close()
  server.closeAllConnections()
}

const FILES_PORT = /cluster_name: "?files"?\s[\s\S]*?port_value: (\d+)/

function found(pattern: RegExp, rendered: string): string {
  const [, value] = pattern.exec(rendered) ?? []
  if (value === undefined) throw new Error(`the configuration of Envoy has no ${pattern.source}`)
  return value
}

/** Answers with the test's name of the request and a hash of its credential. */
const echo: RequestListener = (request, response) => {
  request.resume()
  const { authorization = '' } = request.headers
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ probe: request.headers['x-probe'], credential: hashOf(authorization) }))
}

export function hashOf(authorization: string): string {
  return createHash('sha256').update(authorization).digest('hex')
}
