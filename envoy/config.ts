import { z } from 'zod'
import { readEnvironment, type Environment } from '../core/config/environment.ts'
import type { Service } from '../core/services/service.ts'
import { services } from '../core/services/service-settings.ts'
import { tracingVariables } from '../core/tracing/tracing-settings.ts'
import {
  absolutePath,
  listenAddress,
  origin,
  wholeNumber,
  type ListenAddress,
} from '../core/config/settings.ts'

export interface EdgeConfig {
  /** Of the Connect host: Envoy refuses requests for other hosts. */
  readonly origin: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Path of the admin interface's Unix socket. */
  readonly adminSocket: string
  readonly trustedHops: number
  readonly authz: ListenAddress
  readonly consentUi: ListenAddress
  readonly services: readonly Service[]
  /** PEM file of the authorities for services with https. */
  readonly trustedCa: string
  /** Where spans are sent; undefined without traces. */
  readonly tracesEndpoint: URL | undefined
  /** How many of 100 requests are traced. */
  readonly tracesPercent: number
}

const MAX_HOPS = 9

const DEFAULT_TRACES_PERCENT = 100

const schema = z.object({
  CONNECT_ORIGIN: origin,
  ENVOY_LISTEN: listenAddress.refine((address) => 'host' in address, { message: 'must be host:port' }),
  ENVOY_ADMIN_SOCKET: absolutePath,
  ENVOY_TRUSTED_HOPS: z
    .string()
    .regex(/^\d$/, { message: `must be a whole number from 0 to ${MAX_HOPS}` })
    .transform(Number),
  AUTHZ_LISTEN: listenAddress,
  CONSENT_UI_LISTEN: listenAddress,
  CONNECT_SERVICES: services,
  ...tracingVariables,
  TRACES_PERCENT: wholeNumber('percent', 0, 100).default(DEFAULT_TRACES_PERCENT),
  ENVOY_TRUSTED_CA: absolutePath.default('/etc/ssl/certs/ca-certificates.crt'),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): EdgeConfig {
  const env = readEnvironment(schema, environment)
  return {
    origin: env.CONNECT_ORIGIN,
    listen: env.ENVOY_LISTEN,
    adminSocket: env.ENVOY_ADMIN_SOCKET,
    trustedHops: env.ENVOY_TRUSTED_HOPS,
    authz: env.AUTHZ_LISTEN,
    consentUi: env.CONSENT_UI_LISTEN,
    services: env.CONNECT_SERVICES,
    trustedCa: env.ENVOY_TRUSTED_CA,
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    tracesPercent: env.TRACES_PERCENT,
  }
}
