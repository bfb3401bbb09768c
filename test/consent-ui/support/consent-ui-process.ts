import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../support/child-environment.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import type { Settings } from './settings.ts'

const MAIN = join(import.meta.dirname, '../../../consent-ui/main.ts')

/** Starts consent-ui as in production, in a process that ends with the last test. */
export function launchConsentUi(settings: Settings): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: childEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  closeAfterAll(() => void child.kill('SIGKILL'))
  return child
}

/** The log lines of readiness: two connections to Redis, which the start does not wait for. */
const SIGNS = ['consent-ui is ready', 'redis: connected', 'redis: connected']

export async function consentUiReady(child: ChildProcess): Promise<void> {
  assert.ok(child.stdout !== null)
  const missing = [...SIGNS]
  for await (const line of createInterface(child.stdout)) {
    const seen = missing.findIndex((sign) => line.includes(sign))
    if (seen !== -1) missing.splice(seen, 1)
    if (missing.length === 0) {
      child.stdout.resume()
      return
    }
  }
  throw new Error('consent-ui ended before it was ready')
}
