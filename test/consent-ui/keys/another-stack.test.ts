import assert from 'node:assert/strict'
import { openClient } from '../../../consent-ui/clients/sealed-client.ts'
import { openCredential, sealCredential } from '../../../core/sessions/session.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { NOW, sessionFacts } from '../../core/support/session.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { operatorKey } from '../support/keys.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { keyList, newKey } from '../support/settings.ts'
import { beforeAll } from '../../support/before-all.ts'

const KEYS = {
  CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'same')),
  CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'same')),
}

describe('Another stack with the same keys and the same Redis', () => {
  const ours = beforeAll(() => startConnect({ settings: KEYS }))
  const theirs = beforeAll(() => startConnect({ settings: KEYS }))
  const client = beforeAll(() => ours.client())
  let tokens: Tokens

  before(async () => {
    tokens = await tokensFor(ours, client)
  })

  function clientAtTheirs(id: string): TestClient {
    return new TestClient(theirs.origin, { id, redirectUri: client.redirectUri })
  }

  it('T11: does not know a client of this stack', async () => {
    assertRefused(await clientAtTheirs(client.id).refresh(tokens.refresh_token), 'invalid_client', 401)
    const page = await theirs.browser().open(clientAtTheirs(client.id).authorizationUrl())
    assert.ok(page.status >= 400 && page.url.startsWith(theirs.origin), `${page.status} ${page.url}`)
  })

  it('T11: refuses a code and a refresh token of this stack', async () => {
    const theirClient = await theirs.client()
    const code = await codeFor(ours, client)
    assertRefused(await theirClient.redeem(code), 'invalid_grant')
    assertRefused(await theirClient.refresh(tokens.refresh_token), 'invalid_grant')
    tokensOf(await client.redeem(code))
  })

  it('T11: ends no session for a token of this stack', async () => {
    const theirClient = await theirs.client()
    assert.equal((await theirClient.revoke(tokens.access_token)).status, 200)
    assert.equal((await theirClient.revoke(tokens.refresh_token)).status, 200)
    tokens = tokensOf(await client.refresh(tokens.refresh_token))
  })

  it('T11: signs with another key although the secret is the same', async () => {
    const [one, other] = await Promise.all(
      [ours, theirs].map(async (stack) => (await stack.get('/auth/.well-known/jwks.json')).text),
    )
    assert.notEqual(one, other)
  })

  it('T11: cannot open values that this stack sealed', () => {
    const key = operatorKey('same')
    const [here, there] = [keyRing(ours.origin, [key]), keyRing(theirs.origin, [key])]
    const share = randomSecret()
    const credential = { token: 'quilt-token', expiresAt: NOW }
    const session = sealCredential(here, sessionFacts(), { share, credential })
    assert.deepEqual(openCredential(here, session, share), credential)
    assert.equal(openCredential(there, session, share), undefined)
    assert.ok(openClient(ours.config.sealingKeys, client.id))
    assert.equal(openClient(theirs.config.sealingKeys, client.id), undefined)
  })
})
