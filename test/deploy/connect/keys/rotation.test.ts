import { PLATFORM_ENTRY } from '../../../support/services.ts'
import assert from 'node:assert/strict'
import { decodeProtectedHeader } from 'jose'
import { keepSigningMark } from '../../../../consent-ui/keys/signing-mark.ts'
import { runCommand } from '../../../../deploy/connect/run-command.ts'
import { createLog } from '../../../../core/log/log.ts'
import type { KeyKind, KeyListEntry } from '../../../../core/keys/keys.ts'
import { tokensOf, type TestClient, type Tokens } from '../../../consent-ui/support/client.ts'
import { startConnect } from '../../../consent-ui/support/connect.ts'
import { ManualTimers } from '../../../consent-ui/support/manual-timers.ts'
import { tokensFor } from '../../../consent-ui/support/person.ts'
import { keyList, newKey } from '../../../consent-ui/support/settings.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { startAuthz, type AuthzProcess } from './support/authz-process.ts'
import { beforeAll } from '../../../support/before-all.ts'

const SILENT = createLog('test', 'silent')

type RotatedKind = Exclude<KeyKind, 'audit'>
type Use = KeyListEntry['use']

const TRANSACTION_SECONDS = 600
const HOUR_SECONDS = 3600
const MARK_SECONDS = HOUR_SECONDS + 120

describe('A rotation of both keys', () => {
  const old = { sealing: newKey('sealing', 'old'), signing: newKey('signing', 'old') }
  let authz: AuthzProcess
  let client: TestClient
  let tokens: Tokens
  let environment: Record<string, string>

  const valkey = beforeAll(() => startValkey())
  const next = beforeAll(async () => ({
    sealing: await madeKey('sealing'),
    signing: await madeKey('signing'),
  }))
  const connect = beforeAll(() => startConnect({ valkey }))

  before(async () => {
    await deploy({ sealing: [['old', 'sign']], signing: [['old', 'sign']] })
    client = await connect.client()
    tokens = await tokensFor(connect, client)
    await assertPasses(tokens)
  })

  async function madeKey(kind: RotatedKind): Promise<KeyListEntry> {
    return JSON.parse((await runCommand(['keys', 'new', kind], {})).stdout) as KeyListEntry
  }

  /** Deploys to consent-ui first: until authz follows, they have different lists. */
  async function deploy(lists: Record<RotatedKind, [which: 'old' | 'next', use: Use][]>): Promise<void> {
    const listOf = (kind: RotatedKind): string =>
      keyList(...lists[kind].map(([which, use]) => ({ ...(which === 'old' ? old : next)[kind], use })))
    const settings = {
      CONNECT_SEALING_KEYS: listOf('sealing'),
      CONNECT_SIGNING_KEYS: listOf('signing'),
    }
    connect.redeploy(settings)
    markSigningKey()
    environment = { CONNECT_ORIGIN: connect.origin, REDIS_URL: valkey.url, ...settings }
    if (tokens as Tokens | undefined) await assertLives()
    await (authz as AuthzProcess | undefined)?.stop()
    authz = await startAuthz({
      CONNECT_ORIGIN: connect.origin,
      CONNECT_SERVICES: PLATFORM_ENTRY,
      REDIS_URL: valkey.url,
      QUILT_REGISTRY_URL: connect.organisation.registry.origin,
      CONNECT_SEALING_KEYS: settings.CONNECT_SEALING_KEYS,
      CONNECT_PUBLIC_KEYS: (await runCommand(['keys', 'public'], environment)).stdout,
    })
  }

  /** As main.ts does when it starts. */
  function markSigningKey(): void {
    const { config, redis: store, origin } = connect
    const background = { store, timers: new ManualTimers(), log: SILENT }
    keepSigningMark(background, origin, config.signingKeys.current.id)
  }

  async function assertPasses({ access_token }: Tokens): Promise<void> {
    const answer = await authz.envoy.present(access_token)
    assert.equal(answer.kind, 'ok_response', JSON.stringify(answer.metadata))
    assert.match(answer.headers.get('authorization') ?? '', /^Bearer ./)
  }

  /** The client's tokens still work, and so does its first client id. */
  async function assertLives(): Promise<void> {
    await assertPasses(tokens)
    const refreshed = tokensOf(await client.refresh(tokens.refresh_token))
    await assertPasses(refreshed)
    await assertPasses(tokens)
    tokens = refreshed
    await assertPasses(await tokensFor(connect, client))
  }

  /** The row of a key in `npm run keys -- status`. */
  async function adviceOn(kind: RotatedKind, id: string): Promise<string> {
    const { status, stdout, stderr } = await runCommand(['keys', 'status'], environment)
    assert.equal(status, 0, stderr)
    const [sealing = '', signing = ''] = stdout.split('\n\n')
    const row = (kind === 'sealing' ? sealing : signing).split('\n').find((line) => line.startsWith(`${id} `))
    assert.ok(row !== undefined, stdout)
    return row
  }

  it('logs no user out and keeps every client registered, at each of its steps', async function () {
    this.timeout(60_000)
    await deploy({
      sealing: [
        ['old', 'sign'],
        ['next', 'accept'],
      ],
      signing: [
        ['old', 'sign'],
        ['next', 'accept'],
      ],
    })
    await assertLives()

    await deploy({
      sealing: [
        ['old', 'accept'],
        ['next', 'sign'],
      ],
      signing: [
        ['old', 'accept'],
        ['next', 'sign'],
      ],
    })
    await assertLives()
    assert.equal(decodeProtectedHeader(tokens.access_token).kid, next.signing.id)
    // Sessions that were opened for the tests of the steps before have not been refreshed since.
    assert.match(await adviceOn('sealing', 'old'), /keep: the last session that uses it ends by 20\d\d-/)
    assert.match(await adviceOn('signing', 'old'), /keep: tokens that it signed expire within \d+ minutes/)

    await endSessionsBut(tokens)
    await connect.passTime(TRANSACTION_SECONDS)
    assert.match(await adviceOn('sealing', 'old'), /may be lowered to "registrations"$/)
    await connect.passTime(MARK_SECONDS - TRANSACTION_SECONDS)
    assert.match(await adviceOn('signing', 'old'), /may be dropped$/)

    tokens = tokensOf(await client.refresh(tokens.refresh_token))
    await deploy({
      sealing: [
        ['old', 'registrations'],
        ['next', 'sign'],
      ],
      signing: [['next', 'sign']],
    })
    await assertLives()
    assert.match(await adviceOn('sealing', 'old'), /keep: clients of live sessions registered with it$/)
    assert.match(await adviceOn('sealing', next.sealing.id), / sign .*keep: it seals new data$/)
  })

  async function endSessionsBut({ access_token }: Tokens): Promise<void> {
    const { sid } = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as {
      sid: string
    }
    const sessions = await connect.redis.keys('connect:{*}:session')
    const others = sessions.filter((key) => key !== `connect:{${sid}}:session`)
    assert.equal(others.length, sessions.length - 1)
    await connect.redis.del(...others)
  }
})
