import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../../envoy/config.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { answersHttp } from '../../container/answers-http.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { StackContext } from '../context/stack-context.ts'
import { serviceList } from '../context/service-list.ts'
import { socketPath } from '../context/addresses.ts'

/** By default Envoy buffers its log for up to ten seconds. */
const LOG_FLUSH_MS = '200'

/** At debug level these log every header, with tokens, cookies and Quilt credentials. */
const DISCREET = ['http', 'http2', 'router', 'ext_authz', 'client'].map((name) => `${name}:warning`)
/** It warns about fields that Envoy calls work in progress (custom_response). */
const QUIET = 'misc:error'

/** Envoy, with the configuration of production except for addresses. Writes the rendered file. */
export function envoy(context: StackContext): ProcessSpec {
  const admin = socketPath(context, 'envoy-admin')
  const file = join(context.folder, 'envoy.yaml')
  const environment = environmentOf(context, admin)
  const rendered = renderEnvoyConfig(readConfig(environment))
  writeFileSync(file, context.changeEnvoyConfig?.(rendered) ?? rendered, { mode: 0o600 })
  return {
    name: 'envoy',
    command: context.binaries.envoy,
    args: [
      ...['-c', file, '--concurrency', '2', '--disable-hot-restart', '--log-format', '%l %n: %v'],
      ...['--log-level', context.logLevel === 'debug' ? 'debug' : 'warning'],
      ...['--component-log-level', [...DISCREET, QUIET].join()],
      ...['--file-flush-interval-msec', LOG_FLUSH_MS],
    ],
    environment,
    isHealthy: () => answersHttp({ socketPath: admin, path: '/ready' }),
  }
}

function environmentOf(context: StackContext, admin: string): Record<string, string> {
  return {
    CONNECT_ORIGIN: context.origin,
    ENVOY_LISTEN: `127.0.0.1:${context.ports.connect}`,
    ENVOY_ADMIN_SOCKET: admin,
    ENVOY_TRUSTED_HOPS: '0',
    AUTHZ_LISTEN: `unix:${socketPath(context, 'authz')}`,
    CONSENT_UI_LISTEN: `unix:${socketPath(context, 'consent-ui')}`,
    CONNECT_SERVICES: serviceList(context),
    OTEL_EXPORTER_OTLP_ENDPOINT: context.tracesEndpoint?.href ?? '',
  }
}
