import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { assertRefused } from '../support/client.ts'
import type { Connect } from '../support/connect.ts'
import { KeyedIssuer, signBy } from './keyed-issuer.ts'
import { claimsOf, present, startEnterprise } from './support.ts'
import type { Answer } from '../support/answer.ts'

const DISCOVERY = '/.well-known/openid-configuration'

describe('The keys of the identity provider that signs assertions', () => {
  let issuer: KeyedIssuer
  let connect: Connect

  beforeEach(async () => {
    issuer = new KeyedIssuer()
    issuer.keys = [await issuer.newKey('first')]
    connect = await startEnterprise({ identityProvider: (origin) => issuer.listener(origin) })
    // The demo Registry would fetch the same keys.
    await exchangeAnyAssertion(connect)
  })

  async function presentSigned(by = issuer.keys[0]): Promise<Answer> {
    assert.ok(by !== undefined)
    return await present(connect, await signBy(by, claimsOf(connect)))
  }

  it('may be RSA or elliptic', async () => {
    const rsa = await issuer.newKey('rsa', 'RS256')
    issuer.keys.push(rsa)
    assert.equal((await presentSigned()).status, 200)
    assert.equal((await presentSigned(rsa)).status, 200)
    assert.equal(issuer.timesAsked('/jwks'), 1)
  })

  it('J09: are fetched again for an unknown key id, at most every 30 seconds', async () => {
    assert.equal((await presentSigned()).status, 200)
    const next = await issuer.newKey('second')
    issuer.keys.push(next)
    assertRefused(await presentSigned(next), 'invalid_grant')
    connect.skipOwnClock(31)
    assert.equal((await presentSigned(next)).status, 200)
    const unknown = await issuer.newKey('unknown')
    for (let count = 0; count < 5; count += 1) assertRefused(await presentSigned(unknown), 'invalid_grant')
    assert.equal(issuer.timesAsked('/jwks'), 2)
  })

  it('J01: do not count if they are published for encryption', async () => {
    const encryption = await issuer.newKey('encryption')
    issuer.keys.push({ ...encryption, jwk: { ...encryption.jwk, use: 'enc' } })
    assertRefused(await presentSigned(encryption), 'invalid_grant')
  })

  it('J01: do not count once the identity provider has withdrawn them', async () => {
    const [first] = issuer.keys
    assert.equal((await presentSigned(first)).status, 200)
    issuer.keys = [await issuer.newKey('second')]
    connect.skipOwnClock(601)
    assertRefused(await presentSigned(first), 'invalid_grant')
  })

  it('J09: answer 503 with Retry-After while they cannot be fetched, and leave the identity provider alone', async () => {
    issuer.isDown = true
    for (let count = 0; count < 5; count += 1) {
      const answer = await presentSigned()
      assert.equal(answer.status, 503)
      assert.ok(answer.headers.has('retry-after'))
    }
    assert.equal(issuer.timesAsked(DISCOVERY), 1)
    issuer.isDown = false
    connect.skipOwnClock(11)
    assert.equal((await presentSigned()).status, 200)
  })

  it('J09: are not used any longer than 10 minutes without asking again', async () => {
    assert.equal((await presentSigned()).status, 200)
    issuer.isDown = true
    connect.skipOwnClock(601)
    assert.equal((await presentSigned()).status, 503)
  })

  const odd: Record<string, (issuer: KeyedIssuer) => void> = {
    'an error': (it) => it.instead.set('/jwks', { status: 500, body: '{}' }),
    HTML: (it) => it.instead.set('/jwks', { status: 200, body: '<html>' }),
    'an empty answer': (it) => it.instead.set('/jwks', { status: 200, body: '' }),
    'wrong types': (it) => it.instead.set('/jwks', { status: 200, body: '{"keys":{}}' }),
    'no usable key': (it) =>
      it.instead.set('/jwks', { status: 200, body: '{"keys":[{"kty":"oct","k":"AA"}]}' }),
    'ten megabytes': (it) => it.instead.set('/jwks', { status: 200, body: ' '.repeat(10_000_000) }),
    'a redirect': (it) => it.instead.set(DISCOVERY, { status: 302, body: '' }),
    'the document of another issuer': (it) => (it.metadata = { issuer: 'https://evil.example' }),
    'keys at a plain address': (it) => (it.metadata = { jwks_uri: 'http://evil.example/jwks' }),
    'no address of keys': (it) => (it.metadata = { jwks_uri: null }),
  }
  for (const [what, change] of Object.entries(odd)) {
    it(`J09: with ${what} in their place answer 503`, async () => {
      change(issuer)
      assert.equal((await presentSigned()).status, 503)
    })
  }
})

/** Lets the Registry exchange every assertion for a credential of Ada. */
async function exchangeAnyAssertion({ organisation: { registry, registryProxy } }: Connect): Promise<void> {
  const login = await fetch(`${registry.origin}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: ADA.quilt.name, password: ADA.password }),
  })
  const { token } = (await login.json()) as { token: string }
  const exchanged = { access_token: token, token_type: 'Bearer', expires_in: 86_400 }
  registryProxy.instead('/api/token-exchange', { status: 200, body: JSON.stringify(exchanged) })
}
