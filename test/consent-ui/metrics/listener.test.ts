import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { childEnvironment } from '../../support/child-environment.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { settingsFor } from '../support/settings.ts'
import { sharedValkey } from '../support/store.ts'

const MAIN = join(import.meta.dirname, '../../../consent-ui/main.ts')

describe('METRICS_LISTEN', () => {
  it('serves only metrics at the socket, and consent-ui writes the mark of its signing key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-metrics-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
    const socketPath = join(folder, 'metrics.sock')
    const env = {
      ...settingsFor('https://connect.example', (await sharedValkey()).url),
      CONSENT_UI_LISTEN: `unix:${join(folder, 'consent-ui.sock')}`,
      METRICS_LISTEN: `unix:${socketPath}`,
      QUILT_CREDENTIAL_SOURCE: 'code',
      QUILT_REGISTRY_URL: 'http://localhost:1',
    }
    const child = spawn(process.execPath, [MAIN], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    closeAfterAll(() => void child.kill('SIGKILL'))
    const lines: string[] = []
    createInterface(child.stdout).on('line', (line) => void lines.push(line))
    await until(() => lines.some((line) => line.includes('consent-ui is ready')), 'consent-ui')

    assert.equal((await stat(socketPath)).mode & 0o777, 0o660)
    const get = async (path: string): Promise<[number | undefined, string]> => {
      const asked = request({ socketPath, path })
      asked.end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      return [response.statusCode, await text(response)]
    }
    const isCounted = async (): Promise<boolean> =>
      (await get('/metrics'))[1].includes(
        'connect_consent_ui_sessions_by_sealing_key{key="key-1",part="credential"} 0',
      )
    await until(isCounted, 'the first census')
    assert.equal((await get('/healthz'))[0], 404)
    assert.equal((await get('/auth/.well-known/jwks.json'))[0], 404)
    assert.deepEqual(
      lines.filter((line) => line.includes('"level":40')),
      [],
    )
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  })
})
