import { answersHttp } from '../../container/answers-http.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { StackContext } from '../context/stack-context.ts'
import { identityProviderUrl, registryUrlOf } from '../context/addresses.ts'
import { nodeProcess } from './node-process.ts'

export const CLIENT_ID = 'quilt-connect'

export function identityProvider(context: StackContext): ProcessSpec {
  const { ports, secrets, origin, logLevel } = context
  return nodeProcess('identity-provider', {
    main: 'deploy/demo/identity-provider/main.ts',
    environment: {
      DEMO_IDP_LISTEN: `127.0.0.1:${ports.identityProvider}`,
      DEMO_IDP_ISSUER: identityProviderUrl(context),
      DEMO_IDP_CLIENT_ID: CLIENT_ID,
      DEMO_IDP_CLIENT_SECRET: secrets.clientSecret,
      // Of Connect, and of the Registry's own sign-in.
      DEMO_IDP_REDIRECT_URIS: `${origin}/connect/callback,${registryUrlOf(context)}/oauth-callback`,
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.identityProvider, path: '/.well-known/openid-configuration' }),
  })
}

export function registry(context: StackContext): ProcessSpec {
  const { ports, secrets, origin, logLevel } = context
  return nodeProcess('registry', {
    main: 'deploy/demo/registry/main.ts',
    environment: {
      DEMO_REGISTRY_LISTEN: `127.0.0.1:${ports.registry}`,
      DEMO_REGISTRY_IDENTITY_PROVIDER: identityProviderUrl(context),
      DEMO_REGISTRY_CLIENT_ID: CLIENT_ID,
      DEMO_REGISTRY_CLIENT_SECRET: secrets.clientSecret,
      DEMO_REGISTRY_ASSERTION_AUDIENCE: origin,
      DEMO_REGISTRY_CONNECT_ORIGIN: origin,
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.registry, path: '/healthcheck' }),
  })
}

export function files(context: StackContext): ProcessSpec {
  const { ports, logLevel } = context
  return nodeProcess('files', {
    main: 'deploy/demo/files/main.ts',
    environment: {
      DEMO_FILES_LISTEN: `127.0.0.1:${ports.files}`,
      DEMO_FILES_REGISTRY_URL: registryUrlOf(context),
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.files, path: '/healthz' }),
  })
}

export function platformMcp(context: StackContext): ProcessSpec {
  const { ports, logLevel } = context
  return nodeProcess('platform-mcp', {
    main: 'deploy/demo/platform-mcp/main.ts',
    environment: {
      DEMO_PLATFORM_MCP_LISTEN: `127.0.0.1:${ports.platformMcp}`,
      DEMO_PLATFORM_MCP_REGISTRY_URL: registryUrlOf(context),
      LOG_LEVEL: logLevel,
    },
    isHealthy: () => answersHttp({ port: ports.platformMcp, path: '/healthz' }),
  })
}
