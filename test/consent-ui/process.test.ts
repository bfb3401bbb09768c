import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Redis } from 'ioredis'
import { ControlStore } from '../../core/controls/control-store.ts'
import {
  liveConsentUi,
  readAcknowledgement,
  SESSION_CHANGES_ACKNOWLEDGED,
} from '../../core/sessions/session-changes.ts'
import { newAuditKeys, provenEvents } from '../core/audit/support/audit.ts'
import { connectTo, listenTo } from '../core/support/store.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import type { Valkey } from '../support/store/valkey.ts'
import { freePorts } from '../../deploy/local/context/free-ports.ts'
import { HttpBrowser } from '../support/http-browser.ts'
import { openTelemetryPackages, watchModules } from '../support/watch-modules.ts'
import { json, post } from './support/answer.ts'
import { TestClient } from './support/client.ts'
import { consentUiReady, launchConsentUi } from './support/consent-ui-process.ts'
import { settingsOf, startOrganisation } from './support/organisation.ts'
import { CODE_ALONE, paste, quiltCodeOf } from './support/pasted-code.ts'
import { settingsFor } from './support/settings.ts'
import { sharedValkey } from './support/store.ts'

const NO_SERVER = 'http://localhost:1'

describe('The consent-ui process', () => {
  let socket: string
  let environment: Record<string, string>
  let valkey: Valkey
  let store: Redis

  before(async () => {
    valkey = await sharedValkey()
    store = await connectTo(valkey.url)
    const folder = await mkdtemp(join(tmpdir(), 'connect-consent-ui-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
    socket = join(folder, 'consent-ui.sock')
    environment = {
      ...settingsFor('https://connect.example', valkey.url),
      CONSENT_UI_LISTEN: `unix:${socket}`,
      OIDC_ISSUER: NO_SERVER,
      OIDC_CLIENT_ID: 'connect',
      OIDC_CLIENT_SECRET: 'oidc-secret',
      QUILT_CREDENTIAL_SOURCE: 'exchange',
      QUILT_REGISTRY_URL: NO_SERVER,
      QUILT_TOKEN_EXCHANGE_URL: NO_SERVER,
      QUILT_TOKEN_EXCHANGE_CLIENT_ID: 'connect',
      QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: 'exchange-secret',
    }
  })

  function launch(changes: Record<string, string> = {}): ChildProcess {
    return launchConsentUi({ ...environment, ...changes })
  }

  async function get(path: string): Promise<{ status: number | undefined; body: string }> {
    const outgoing = request({ socketPath: socket, path })
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage]
    return { status: response.statusCode, body: await text(response) }
  }

  it('serves on a Unix socket without its identity provider, and stops on SIGTERM', async () => {
    const child = launch()
    await consentUiReady(child)
    assert.equal((await stat(socket)).mode & 0o777, 0o660)
    const { status, body } = await get('/healthz?now')
    const { started, ready } = JSON.parse(body) as Record<string, unknown>
    assert.deepEqual([status, started, ready], [200, true, true])
    const metadata = await get('/.well-known/oauth-authorization-server')
    assert.equal((JSON.parse(metadata.body) as { issuer: string }).issuer, 'https://connect.example')
    await acknowledgesControls()
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
    assert.deepEqual(await liveConsentUi(store), [])
  })

  /** A block or stop waits for the process until it has stopped. */
  async function acknowledgesControls(): Promise<void> {
    await until(async () => (await liveConsentUi(store)).length === 1, 'the list of processes')
    const acknowledgements = await listenTo(valkey.url, SESSION_CHANGES_ACKNOWLEDGED)
    await new ControlStore(store, 'https://connect.example').start('all', { change: 'a change' })
    const [by] = await liveConsentUi(store)
    let acknowledgement: object | undefined
    // Its heartbeats take the same channel.
    while (acknowledgement === undefined) acknowledgement = readAcknowledgement(await acknowledgements.next())
    assert.deepEqual(acknowledgement, { change: 'a change', by })
  }

  it('loads no OpenTelemetry without an endpoint', async () => {
    const child = launch({ NODE_OPTIONS: watchModules('node_modules') })
    assert.ok(child.stderr !== null)
    const written = text(child.stderr)
    await consentUiReady(child)
    child.kill('SIGTERM')
    const modules = await written
    assert.ok(modules.includes('/ioredis/'))
    assert.deepEqual(openTelemetryPackages(modules), [])
  })

  it('warns that Codex cannot connect if the issuer has an explicit port', async () => {
    const child = launch({ ISSUER_EXPLICIT_PORT: 'true' })
    assert.ok(child.stdout !== null)
    for await (const line of createInterface(child.stdout)) {
      const { level, issuer, message } = JSON.parse(line) as Record<string, unknown>
      if (level !== 'warn') continue
      assert.equal(issuer, 'https://connect.example:443')
      assert.match(String(message), /ISSUER_EXPLICIT_PORT.*Codex cannot connect/)
      child.kill('SIGTERM')
      return
    }
    assert.fail('it ended without a warning')
  })

  it('logs out a credential that was not approved yet on SIGTERM, and ends its audit log', async () => {
    const [path, AUDIT_KEYS] = [`${socket}.audit`, newAuditKeys()]
    const [port = 0] = await freePorts(1)
    const origin = `http://localhost:${port}`
    const organisation = await startOrganisation(`${origin}/connect/callback`, {})
    const settings = {
      ...settingsFor(origin, environment.REDIS_URL ?? ''),
      ...settingsOf(organisation),
      ...CODE_ALONE,
      CONSENT_UI_LISTEN: `127.0.0.1:${port}`,
      AUDIT_LOG: `file:${path}`,
      AUDIT_KEYS,
    }
    const child = launch(settings)
    await consentUiReady(child)
    const registration = await post(
      `${origin}/auth/register`,
      JSON.stringify({ redirect_uris: ['http://localhost/cb'] }),
      { 'content-type': 'application/json' },
    )
    const redirectUri = 'http://localhost/cb'
    const client = new TestClient(origin, { id: String(json(registration).client_id), redirectUri })
    const browser = new HttpBrowser([origin])
    const page = await browser.open(client.authorizationUrl())
    const consent = await paste(browser, page, await quiltCodeOf({ organisation }))
    assert.ok(consent.text.includes('Authorize Application'), consent.text)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
    const { registryProxy } = organisation
    assert.deepEqual(registryProxy.shownAt('/api/logout'), [registryProxy.lastCredential])
    assert.deepEqual(await provenEvents(path, origin, AUDIT_KEYS), [
      'AuditBegan',
      'ConfigurationLoaded',
      'ClientRegistered',
      'SignIn',
      'AuditEnded',
    ])
  })

  it('logs every configuration problem in one line without secrets, and exits', async () => {
    const child = launch({ CONNECT_ORIGIN: 'http://connect.example', REDIS_URL: 'x', OIDC_ISSUER: '' })
    assert.ok(child.stdout !== null && child.stderr !== null)
    const exited = once(child, 'exit')
    const [printed, complained] = await Promise.all([text(child.stdout), text(child.stderr)])
    assert.deepEqual([await exited, complained], [[1, null], ''])
    assert.equal((JSON.parse(printed) as Record<string, unknown>).level, 'fatal')
    for (const name of ['CONNECT_ORIGIN', 'REDIS_URL', 'OIDC_ISSUER'])
      assert.ok(printed.includes(name), printed)
    assert.doesNotMatch(printed, /oidc-secret|exchange-secret|connect-sealing\.|\n {4}at /)
  })
})
