import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../../core/config/environment.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { EDGE_ENVIRONMENT } from '../../envoy/support.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { killValkey, launchValkey } from '../../support/store/valkey-process.ts'
import { commitBaseImages, npmSettings } from './base-images.ts'
import { Buildah } from './buildah.ts'
import { Container } from './container.ts'
import { prepareMachine } from './machine.ts'
import { newKeys } from './new-keys.ts'

const TARGETS = ['authz', 'consent-ui', 'envoy'] as const

export type Target = (typeof TARGETS)[number]

/** For load balancers that check every 100 ms. */
export const NOTICE_SECONDS = 2

export interface Task {
  readonly port: number
  /** The files of each image, on this machine. */
  readonly roots: ReadonlyMap<Target, string>
  container(name: Target): Container
}

/** Builds the images, and runs them as one ECS task with a Valkey. */
export async function startTask(): Promise<Task> {
  await prepareMachine()
  const folder = await mkdtemp(join(tmpdir(), 'connect-images-'))
  const buildah = new Buildah(folder)
  closeAfterAll(() => buildah.remove())
  await step('base images', () => commitBaseImages(buildah))
  const npm = await npmSettings(folder)
  const build = (target: Target) => step(`build of ${target}`, () => buildah.build(target, npm))
  // The first build makes the layers that all share.
  await build('authz')
  await Promise.all([build('consent-ui'), build('envoy')])

  const [port = 0, storePort = 0] = await freePorts(2)
  const store = await launchValkey({ port: String(storePort), bind: '127.0.0.1', save: '' })
  closeAfterAll(() => killValkey(store))
  const environments = await environmentsOf(port, storePort)
  const containers = new Map<Target, Container>()
  const roots = new Map<Target, string>()
  for (const target of TARGETS) {
    roots.set(target, await buildah.mount(target))
    const readOnly = target === 'envoy' ? ['/run/authz', '/run/consent-ui'] : []
    const volumes = { folder: join(folder, 'volumes'), readOnly }
    const container = await Container.start(target, { buildah, environment: environments[target], volumes })
    closeAfterAll(() => container.kill())
    containers.set(target, container)
    await step(`start of ${target}`, () => container.healthy())
  }
  return {
    port,
    roots,
    container(name) {
      const found = containers.get(name)
      if (found === undefined) throw new TypeError(name)
      return found
    },
  }
}

async function environmentsOf(port: number, storePort: number): Promise<Record<Target, Environment>> {
  const origin = EDGE_ENVIRONMENT.CONNECT_ORIGIN ?? ''
  const keys = await newKeys(origin)
  const edge = {
    CONNECT_ORIGIN: origin,
    CONNECT_SERVICES: JSON.stringify([PLATFORM]),
    AUTHZ_LISTEN: 'unix:/run/authz/authz.sock',
    CONSENT_UI_LISTEN: 'unix:/run/consent-ui/consent-ui.sock',
  }
  const both = {
    ...edge,
    REDIS_URL: `redis://127.0.0.1:${storePort}`,
    QUILT_REGISTRY_URL: 'https://registry.example.com',
    CONNECT_SEALING_KEYS: keys.sealingKeys,
  }
  return {
    authz: { ...both, CONNECT_PUBLIC_KEYS: keys.publicKeys },
    'consent-ui': {
      ...both,
      CONNECT_SIGNING_KEYS: keys.signingKeys,
      CONNECT_ALLOWED_HOSTS: 'claude.ai',
      QUILT_CREDENTIAL_SOURCE: 'code',
    },
    envoy: {
      ...edge,
      ENVOY_LISTEN: `127.0.0.1:${port}`,
      ENVOY_ADMIN_SOCKET: '/run/envoy/admin.sock',
      ENVOY_TRUSTED_HOPS: '1',
      ENVOY_DRAIN_NOTICE_SECONDS: String(NOTICE_SECONDS),
    },
  }
}

/** With https, for which Envoy needs the image's certificate authorities. */
const PLATFORM = {
  kind: 'mcp',
  name: 'platform',
  title: 'Quilt Platform MCP Server',
  prefix: '/mcp/platform',
  path: '/mcp/platform/mcp',
  scopes: ['platform'],
  default: true,
  upstream: 'https://registry.example.com/mcp/platform/mcp',
  read: { tools: 'quilt-platform' },
}

/** Prints how long a part takes, as the whole has a bound. */
async function step(name: string, work: () => Promise<void>): Promise<void> {
  const before = performance.now()
  await work()
  console.log(`images: ${name} took ${((performance.now() - before) / 1000).toFixed(1)} s`)
}
