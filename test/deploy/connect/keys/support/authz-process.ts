import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { NODE_ARGUMENTS } from '../../../../../authz/node-arguments.ts'
import { FakeEnvoy } from '../../../../authz/support/envoy.ts'
import { childEnvironment } from '../../../../support/child-environment.ts'
import { closeAfterAll } from '../../../../support/close-after-all.ts'

const MAIN = join(import.meta.dirname, '../../../../../authz/main.ts')

/** authz as it is deployed: a process that is configured by its environment. */
export interface AuthzProcess {
  readonly envoy: FakeEnvoy
  stop(): Promise<void>
}

export async function startAuthz(environment: Readonly<Record<string, string>>): Promise<AuthzProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-keys-'))
  const listen = `unix:${join(folder, 'authz.sock')}`
  const env = { ...environment, AUTHZ_LISTEN: listen }
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN], {
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  closeAfterAll(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  })
  await ready(createInterface(child.stdout))
  child.stdout.resume()
  const envoy = new FakeEnvoy(listen)
  async function stop(): Promise<void> {
    envoy.close()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  }
  return { envoy, stop }
}

async function ready(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) if (line.includes('authz is ready')) return
  throw new Error('authz ended before it was ready')
}
