import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { readAll } from '../../core/config/read-all.ts'
import {
  absolutePath,
  metricsListen,
  seconds,
  wholeNumber,
  type ListenAddress,
} from '../../core/config/settings.ts'
import { readConfig as readEdgeConfig, type EdgeConfig } from '../../envoy/config.ts'

export interface RunEnvoyConfig {
  readonly edge: EdgeConfig
  readonly envoyBinary: string
  readonly concurrency: number
  /** After SIGTERM, for load balancers to see the failing health check. */
  readonly noticeSeconds: number
  /** After the notice, for requests that are still open. */
  readonly drainSeconds: number
  /** Undefined when no metrics are served. */
  readonly metricsListen: ListenAddress | undefined
}

const MAX_CONCURRENCY = 64
const DEFAULT_CONCURRENCY = 2
/** Three health checks of 5 s: an AWS load balancer needs two to notice, and sends on for some seconds. */
const DEFAULT_NOTICE_SECONDS = 15
const MAX_NOTICE_SECONDS = 120
/** With the notice less than 120 s, the max `stopTimeout` of a container on Fargate. */
const DEFAULT_DRAIN_SECONDS = 100
const MAX_DRAIN_SECONDS = 3600

const schema = z.object({
  ENVOY_BIN: absolutePath.default('/usr/local/bin/envoy'),
  ENVOY_CONCURRENCY: wholeNumber('threads', 1, MAX_CONCURRENCY).default(DEFAULT_CONCURRENCY),
  ENVOY_DRAIN_NOTICE_SECONDS: seconds(0, MAX_NOTICE_SECONDS).default(DEFAULT_NOTICE_SECONDS),
  ENVOY_DRAIN_SECONDS: seconds(1, MAX_DRAIN_SECONDS).default(DEFAULT_DRAIN_SECONDS),
  METRICS_LISTEN: metricsListen,
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): RunEnvoyConfig {
  const { edge, env } = readAll({
    edge: () => readEdgeConfig(environment),
    env: () => readEnvironment(schema, environment),
  })
  return {
    edge,
    envoyBinary: env.ENVOY_BIN,
    concurrency: env.ENVOY_CONCURRENCY,
    noticeSeconds: env.ENVOY_DRAIN_NOTICE_SECONDS,
    drainSeconds: env.ENVOY_DRAIN_SECONDS,
    metricsListen: env.METRICS_LISTEN,
  }
}
