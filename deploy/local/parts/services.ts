import { answersGrpcHealth, answersHttp } from '../health.ts'
import type { Part } from '../part.ts'
import type { Facts } from '../facts.ts'
import { serviceList } from '../service-list.ts'
import { identityProviderUrl, registryUrlOf, socketPath, storeUrl } from './addresses.ts'
import { CLIENT_ID } from './demo.ts'
import { nodePart } from './node-part.ts'

/** Applications that can reach a server on this machine: those that run on it. */
const ALLOWED_HOSTS = 'localhost,cursor://,vscode.dev,insiders.vscode.dev,windsurf://,quilt://'

export function authz(facts: Facts): Part {
  const socket = socketPath(facts, 'authz')
  return nodePart('authz', {
    main: 'authz/main.ts',
    environment: {
      ...common(facts),
      AUTHZ_LISTEN: `unix:${socket}`,
      CONNECT_PUBLIC_KEYS: facts.secrets.publicKeys,
      QUILT_REGISTRY_URL: registryUrlOf(facts),
    },
    isHealthy: () => answersGrpcHealth(socket),
  })
}

export function consentUi(facts: Facts): Part {
  const socket = socketPath(facts, 'consent-ui')
  const { secrets } = facts
  return nodePart('consent-ui', {
    main: 'consent-ui/main.ts',
    environment: {
      ...common(facts),
      CONSENT_UI_LISTEN: `unix:${socket}`,
      CONNECT_SIGNING_KEYS: secrets.signingKeys,
      CONNECT_ALLOWED_HOSTS: ALLOWED_HOSTS,
      QUILT_REGISTRY_URL: registryUrlOf(facts),
      ...credentialSource(facts),
    },
    isHealthy: () => answersHttp({ socketPath: socket, path: '/healthz' }),
  })
}

/** The demo Registry exchanges the demo's ID tokens; at a real one, people paste a one-time code. */
function credentialSource(facts: Facts): Record<string, string> {
  if (facts.registryUrl !== undefined) return { QUILT_CREDENTIAL_SOURCE: 'code' }
  const { clientSecret } = facts.secrets
  return {
    QUILT_CREDENTIAL_SOURCE: 'exchange',
    OIDC_ISSUER: identityProviderUrl(facts),
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: clientSecret,
    QUILT_TOKEN_EXCHANGE_URL: `${registryUrlOf(facts)}/api/token-exchange`,
    QUILT_TOKEN_EXCHANGE_CLIENT_ID: CLIENT_ID,
    QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: clientSecret,
  }
}

function common(facts: Facts) {
  return {
    CONNECT_ORIGIN: facts.origin,
    CONNECT_SERVICES: serviceList(facts),
    REDIS_URL: storeUrl(facts),
    CONNECT_SEALING_KEYS: facts.secrets.sealingKeys,
    LOG_LEVEL: facts.logLevel,
  }
}
