import { answersHttp } from '../health.ts'
import type { Part } from '../part.ts'
import type { Facts } from '../facts.ts'
import { identityProviderUrl, registryUrlOf } from './addresses.ts'
import { nodePart } from './node-part.ts'

/** consent-ui, as the demo identity provider and the demo Registry know it. */
export const CLIENT_ID = 'quilt-connect'

export function identityProvider(facts: Facts): Part {
  const { ports, secrets, origin, logLevel } = facts
  return nodePart('identity-provider', {
    main: 'deploy/demo/identity-provider/main.ts',
    environment: {
      DEMO_IDP_LISTEN: `127.0.0.1:${ports.identityProvider}`,
      DEMO_IDP_ISSUER: identityProviderUrl(facts),
      DEMO_IDP_CLIENT_ID: CLIENT_ID,
      DEMO_IDP_CLIENT_SECRET: secrets.clientSecret,
      // Connect's, and the Registry's own sign-in.
      DEMO_IDP_REDIRECT_URIS: `${origin}/connect/callback,${registryUrlOf(facts)}/oauth-callback`,
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.identityProvider, path: '/.well-known/openid-configuration' }),
  })
}

export function registry(facts: Facts): Part {
  const { ports, secrets, logLevel } = facts
  return nodePart('registry', {
    main: 'deploy/demo/registry/main.ts',
    environment: {
      DEMO_REGISTRY_LISTEN: `127.0.0.1:${ports.registry}`,
      DEMO_REGISTRY_IDENTITY_PROVIDER: identityProviderUrl(facts),
      DEMO_REGISTRY_CLIENT_ID: CLIENT_ID,
      DEMO_REGISTRY_CLIENT_SECRET: secrets.clientSecret,
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.registry, path: '/healthcheck' }),
  })
}

export function files(facts: Facts): Part {
  const { ports, logLevel } = facts
  return nodePart('files', {
    main: 'deploy/demo/files/main.ts',
    environment: {
      DEMO_FILES_LISTEN: `127.0.0.1:${ports.files}`,
      DEMO_FILES_REGISTRY_URL: registryUrlOf(facts),
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.files, path: '/healthz' }),
  })
}

export function platformMcp(facts: Facts): Part {
  const { ports, logLevel } = facts
  return nodePart('platform-mcp', {
    main: 'deploy/demo/platform-mcp/main.ts',
    environment: {
      DEMO_PLATFORM_MCP_LISTEN: `127.0.0.1:${ports.platformMcp}`,
      DEMO_PLATFORM_MCP_REGISTRY_URL: registryUrlOf(facts),
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.platformMcp, path: '/healthz' }),
  })
}
