import type { KeyObject } from 'node:crypto'
import { signingKey } from '../../consent-ui/keys/signing-keys.ts'
import { keyList, keyRing, type KeyRing } from '../../core/keys/keys.ts'
import { readServiceList } from '../../core/services/service-list.ts'
import { audienceOf } from '../../core/services/service.ts'
import { makeLocalSecrets, type LocalSecrets } from '../../deploy/local/context/local-secrets.ts'

/** The origin of every Envoy here, whatever its port. */
const ORIGIN = 'http://localhost:8080'
export const MCP_PATH = '/mcp/platform/mcp'

/** The Connect host: its keys, and its one service. */
export interface Identity {
  readonly origin: string
  readonly secrets: LocalSecrets
  readonly sealingRing: KeyRing
  readonly signingKey: { readonly kid: string; readonly privateKey: KeyObject }
  readonly serviceList: string
  readonly audience: string
}

export function createIdentity(servicePort: number): Identity {
  const secrets = makeLocalSecrets(ORIGIN)
  const serviceList = JSON.stringify([
    {
      kind: 'mcp',
      name: 'platform',
      title: 'Quilt Platform MCP Server',
      prefix: '/mcp/platform',
      path: MCP_PATH,
      aliases: ['/mcp/platform', '/mcp'],
      scopes: ['platform'],
      default: true,
      upstream: `http://127.0.0.1:${servicePort}/mcp`,
      read: { tools: 'quilt-platform' },
    },
  ])
  const [service] = readServiceList(serviceList).data ?? []
  if (service === undefined) throw new TypeError('the list has a service')
  return {
    origin: ORIGIN,
    secrets,
    serviceList,
    sealingRing: keyRing(ORIGIN, keyList('sealing').parse(secrets.sealingKeys)),
    signingKey: signingKey(keyRing(ORIGIN, keyList('signing').parse(secrets.signingKeys))),
    audience: audienceOf(ORIGIN, service),
  }
}
