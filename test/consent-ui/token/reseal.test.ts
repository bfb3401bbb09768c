import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { SessionStore, type StoredSession } from '../../../core/sessions/session-store.ts'
import { openCredential } from '../../../core/sessions/session.ts'
import { listenTo } from '../../core/support/store.ts'
import { tokensOf, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { atOnce, sharedValkey } from '../support/store.ts'

const EXCHANGE = '/api/token-exchange'
const QUILT_TOKEN_SECONDS = 2 * 3600 + 600
const CLAIM_MS = 30_000

describe('A session sealed under an old key', () => {
  let connect: Connect
  let client: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    connect = await startConnect({ quiltTokenSeconds: QUILT_TOKEN_SECONDS })
    client = await connect.client()
    tokens = await tokensFor(connect, client)
    connect.rotateSealingKeys()
  })

  function sessions(): SessionStore {
    return new SessionStore(connect.redis)
  }

  async function stored(): Promise<StoredSession> {
    const found = await sessions().findWhole(String(decodeJwt(tokens.access_token).sid))
    assert.ok(found !== undefined, 'the session has ended')
    return found
  }

  async function sealedUnder(): Promise<(string | undefined)[]> {
    const { session, sealedRenewal } = await stored()
    return [session.sealedCredential, sealedRenewal].map((sealed) => sealed?.split('.')[0])
  }

  async function credential(): Promise<string | undefined> {
    const { session } = await stored()
    const share = String(decodeJwt(tokens.access_token).k)
    return openCredential(connect.config.sealingKeys, session, share)?.token
  }

  async function refresh(): Promise<void> {
    tokens = tokensOf(await client.refresh(tokens.refresh_token))
  }

  it('is sealed under the current key at its next refresh, with the same credential', async () => {
    const before = await credential()
    assert.ok(before !== undefined)
    assert.deepEqual(await sealedUnder(), ['key-1', 'key-1'])
    await refresh()
    assert.deepEqual(await sealedUnder(), ['key-2', 'key-2'])
    assert.equal(await credential(), before)
  })

  it('is published to every authz process when it is resealed', async () => {
    const heard = await listenTo((await sharedValkey()).url, SESSION_CHANGES)
    await refresh()
    const { session } = JSON.parse(await heard.next()) as Record<string, string>
    assert.equal(session, decodeJwt(tokens.access_token).sid)
  })

  it('is resealed once', async () => {
    await refresh()
    const { record } = await stored()
    await refresh()
    assert.equal(
      (await stored()).session.sealedCredential,
      (JSON.parse(record) as StoredSession['session']).sealedCredential,
    )
  })

  it('can be renewed after it was resealed', async () => {
    await refresh()
    const before = await credential()
    const { registryProxy } = connect.organisation
    registryProxy.forget()
    await connect.passTime(700)
    await refresh()
    assert.equal(registryProxy.timesAsked(EXCHANGE), 1)
    assert.notEqual(await credential(), before)
  })

  it('is not resealed while another process renews it', async () => {
    const { session, sealedRenewal } = await stored()
    assert.equal(await sessions().claimRenewal(session.id, 'another', CLAIM_MS), true)
    await refresh()
    assert.deepEqual(await sealedUnder(), ['key-1', 'key-1'])
    assert.equal((await stored()).sealedRenewal, sealedRenewal)
    await sessions().releaseRenewal(session.id, 'another')
    await refresh()
    assert.deepEqual(await sealedUnder(), ['key-2', 'key-2'])
  })

  it('is resealed under ten parallel refreshes', async () => {
    const answers = await atOnce(connect.redis, 10, () => client.refresh(tokens.refresh_token))
    const refreshTokens = answers.map((answer) => tokensOf(answer).refresh_token)
    assert.equal(new Set(refreshTokens).size, 1)
    assert.deepEqual(await sealedUnder(), ['key-2', 'key-2'])
  })

  it('is refused with a token of another session', async () => {
    const other = await tokensFor(connect, client)
    const [, session = '', ...rest] = tokens.refresh_token.split('.')
    const [, otherSession = ''] = other.refresh_token.split('.')
    assert.notEqual(session, otherSession)
    const mixed = ['qcr1', otherSession, ...rest].join('.')
    assert.equal((await client.refresh(mixed)).status, 400)
    assert.deepEqual(await sealedUnder(), ['key-1', 'key-1'])
  })
})
