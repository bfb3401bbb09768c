import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { isPrivateAddress, listenAddress, type ListenAddress } from '../../core/config/settings.ts'

export interface MetricsSettings {
  /** Undefined, and there are none. */
  readonly listen: ListenAddress | undefined
}

/** They tell how many use what, and when: nobody outside of the machine is to ask. */
const privateAddress = listenAddress.refine(isPrivateAddress, {
  message: 'must be a Unix socket, or a TCP address of this machine alone such as 127.0.0.1:9464',
})

const schema = z.object({ METRICS_LISTEN: privateAddress.optional() })

/** @throws ConfigurationError that lists every problem */
export function readMetricsSettings(environment: Environment): MetricsSettings {
  return { listen: readEnvironment(schema, environment).METRICS_LISTEN }
}
