import { NODE_ARGUMENTS } from '../../../authz/node-arguments.ts'
import { answersGrpcHealth } from '../../container/answers-grpc-health.ts'
import { answersHttp } from '../../container/answers-http.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { StackContext } from '../context/stack-context.ts'
import { serviceList } from '../context/service-list.ts'
import {
  auditFileOf,
  identityProviderUrl,
  registryUrlOf,
  socketPath,
  storeUrl,
} from '../context/addresses.ts'
import { CLIENT_ID } from './demo.ts'
import { nodeProcess } from './node-process.ts'

/** Hosts of applications that run on this machine, since no other can reach it. */
const ALLOWED_HOSTS = 'localhost,cursor://,vscode.dev,insiders.vscode.dev,windsurf://,quilt://'

export function authz(context: StackContext): ProcessSpec {
  const socket = socketPath(context, 'authz')
  return nodeProcess('authz', {
    main: 'authz/main.ts',
    nodeArguments: NODE_ARGUMENTS,
    environment: {
      ...common(context),
      AUTHZ_LISTEN: `unix:${socket}`,
      METRICS_LISTEN: `unix:${socketPath(context, 'authz-metrics')}`,
      CONNECT_PUBLIC_KEYS: context.secrets.publicKeys,
      QUILT_REGISTRY_URL: registryUrlOf(context),
    },
    isHealthy: () => answersGrpcHealth(socket),
  })
}

export function consentUi(context: StackContext): ProcessSpec {
  const socket = socketPath(context, 'consent-ui')
  const { secrets } = context
  return nodeProcess('consent-ui', {
    main: 'consent-ui/main.ts',
    environment: {
      ...common(context),
      CONSENT_UI_LISTEN: `unix:${socket}`,
      METRICS_LISTEN: `unix:${socketPath(context, 'consent-ui-metrics')}`,
      CONNECT_SIGNING_KEYS: secrets.signingKeys,
      CONNECT_ALLOWED_HOSTS: ALLOWED_HOSTS,
      QUILT_REGISTRY_URL: registryUrlOf(context),
      ...credentialSource(context),
    },
    isHealthy: () => answersHttp({ socketPath: socket, path: '/healthz' }),
  })
}

/** The demo Registry exchanges ID tokens; for a real one, users paste a one-time code. */
function credentialSource(context: StackContext): Record<string, string> {
  if (context.registryUrl !== undefined) return { QUILT_CREDENTIAL_SOURCE: 'code' }
  if (context.source === 'catalog') {
    return {
      QUILT_CREDENTIAL_SOURCE: 'catalog',
      QUILT_CATALOG_ORIGIN: new URL(registryUrlOf(context)).origin,
    }
  }
  const { clientSecret } = context.secrets
  return {
    QUILT_CREDENTIAL_SOURCE: 'exchange',
    OIDC_ISSUER: identityProviderUrl(context),
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: clientSecret,
    QUILT_TOKEN_EXCHANGE_URL: `${registryUrlOf(context)}/api/token-exchange`,
    QUILT_TOKEN_EXCHANGE_CLIENT_ID: CLIENT_ID,
    QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: clientSecret,
  }
}

function common(context: StackContext) {
  return {
    CONNECT_ORIGIN: context.origin,
    CONNECT_SERVICES: serviceList(context),
    REDIS_URL: storeUrl(context),
    // With --keep, the machine may be off for days.
    STORE_GAP_MAX_SECONDS: 'off',
    CONNECT_SEALING_KEYS: context.secrets.sealingKeys,
    AUDIT_LOG: `file:${auditFileOf(context)}`,
    AUDIT_KEYS: context.secrets.auditKeys,
    LOG_LEVEL: context.logLevel,
    OTEL_EXPORTER_OTLP_ENDPOINT: context.tracesEndpoint?.href ?? '',
  }
}
