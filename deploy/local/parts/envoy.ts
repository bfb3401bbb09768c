import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../../envoy/config.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { answersHttp } from '../health.ts'
import type { Part } from '../part.ts'
import type { Facts } from '../facts.ts'
import { serviceList } from '../service-list.ts'
import { socketPath } from './addresses.ts'

/** The log is buffered for up to ten seconds otherwise. */
const LOG_FLUSH_MS = '200'

/** At debug level these write every header: tokens, cookies and Quilt credentials. */
const DISCREET = ['http', 'http2', 'router', 'ext_authz', 'client'].map((name) => `${name}:warning`)
/** Its warnings are about parts of the configuration's schema that Envoy calls work in progress (custom_response). */
const QUIET = 'misc:error'

/** The edge, with the same configuration as in production; only addresses differ. Writes the rendered file. */
export function envoy(facts: Facts): Part {
  const admin = socketPath(facts, 'envoy-admin')
  const file = join(facts.folder, 'envoy.yaml')
  const rendered = renderEnvoyConfig(readConfig(environmentOf(facts, admin)))
  writeFileSync(file, facts.changeEnvoyConfig?.(rendered) ?? rendered, { mode: 0o600 })
  return {
    name: 'envoy',
    command: facts.binaries.envoy,
    args: [
      ...['-c', file, '--concurrency', '2', '--disable-hot-restart', '--log-format', '%l %n: %v'],
      ...['--log-level', facts.logLevel === 'debug' ? 'debug' : 'warning'],
      ...['--component-log-level', [...DISCREET, QUIET].join()],
      ...['--file-flush-interval-msec', LOG_FLUSH_MS],
    ],
    environment: {},
    isHealthy: () => answersHttp({ socketPath: admin, path: '/ready' }),
  }
}

function environmentOf(facts: Facts, admin: string): Record<string, string> {
  return {
    CONNECT_ORIGIN: facts.origin,
    ENVOY_LISTEN: `127.0.0.1:${facts.ports.connect}`,
    ENVOY_ADMIN_SOCKET: admin,
    ENVOY_TRUSTED_HOPS: '0',
    AUTHZ_LISTEN: `unix:${socketPath(facts, 'authz')}`,
    CONSENT_UI_LISTEN: `unix:${socketPath(facts, 'consent-ui')}`,
    CONNECT_SERVICES: serviceList(facts),
  }
}
