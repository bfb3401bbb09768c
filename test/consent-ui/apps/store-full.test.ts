import assert from 'node:assert/strict'
import {
  acknowledge,
  enlistAuthz,
  readSessionMessage,
  SESSION_CHANGES,
} from '../../../core/sessions/session-changes.ts'
import { connectTo } from '../../core/support/store.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { assertRefused, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { openApps, send, tagsOf, type AtApps } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

/** Below what an empty Redis uses, so every command that needs memory is refused. */
const FULL = '1mb'
const NO_LIMIT = '0'

/** With `noeviction`, as in production, a full Redis refuses writes and deletes nothing. */
describe('While Redis has no memory left', () => {
  let tokens: Tokens
  let code: string
  let at: AtApps

  const valkey = beforeAll(() => startValkey({ 'maxmemory-policy': 'noeviction' }))
  const connect = beforeAll(() => startConnect({ valkey }))
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    tokens = await tokensFor(connect, client)
    code = await codeFor(connect, client)
    at = await openApps(connect)
  })

  afterEach(async () => {
    await setMemory(NO_LIMIT)
    await connect.redis.del('connect:authz')
  })

  async function setMemory(limit: string): Promise<void> {
    await connect.redis.config('SET', 'maxmemory', limit)
  }

  async function fill(): Promise<void> {
    await setMemory(FULL)
    await assert.rejects(connect.redis.set('any', 'value', 'EX', 1), /^ReplyError: OOM /)
  }

  for (const wish of ['revoke', 'revoke_all'] as const) {
    it(`a user can revoke access by ${wish}`, async () => {
      await fill()
      const [tag = ''] = tagsOf(at, 'revoke')
      const page = await send(at, { [wish]: wish === 'revoke' ? tag : 'yes' })
      assert.equal(page.status, 200, page.text)
      assert.match(page.text, /Access ended/)
      await setMemory(NO_LIMIT)
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    })
  }

  it('revoking makes room, and earlier codes open nothing', async () => {
    const store = await connectTo(valkey.url)
    const subscriber = await connectTo(valkey.url)
    await subscriber.subscribe(SESSION_CHANGES)
    // Frees memory when the session has ended, before its request continues.
    subscriber.on('message', (_channel, text) => {
      const message = readSessionMessage(text)
      if (message === undefined || !('session' in message)) return
      void setMemory(NO_LIMIT).then(() => acknowledge(store, { change: message.change, by: 'one' }))
    })
    await enlistAuthz(store, 'one')
    await fill()
    assert.equal((await send(at, { revoke: tagsOf(at, 'revoke')[0] ?? '' })).status, 200)
    subscriber.disconnect()
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('a client can revoke its session', async () => {
    await fill()
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
    await setMemory(NO_LIMIT)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    tokensOf(await client.redeem(code))
  })
})
