import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '../../core/config/environment.ts'
import { ENVOY } from '../../deploy/local/tools/binaries.ts'
import { FILES_ENTRY, PLATFORM_ENTRY } from '../support/services.ts'
import { findBinary } from '../../deploy/local/tools/find-binary.ts'

/** As a task definition sets it, with a load balancer in front. */
export const EDGE_ENVIRONMENT: Environment = {
  CONNECT_ORIGIN: 'https://connect.example.com',
  ENVOY_LISTEN: '0.0.0.0:8080',
  ENVOY_ADMIN_SOCKET: '/run/envoy/admin.sock',
  ENVOY_TRUSTED_HOPS: '1',
  AUTHZ_LISTEN: 'unix:/run/authz/authz.sock',
  CONSENT_UI_LISTEN: '127.0.0.1:3000',
  CONNECT_SERVICES: PLATFORM_ENTRY + FILES_ENTRY,
}

/** The output of `envoy --mode validate`; rejects if Envoy refuses the configuration. */
export async function validate(config: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-envoy-'))
  try {
    const file = join(folder, 'envoy.yaml')
    await writeFile(file, config)
    const { stdout } = await promisify(execFile)(await findBinary(ENVOY), ['--mode', 'validate', '-c', file])
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}
