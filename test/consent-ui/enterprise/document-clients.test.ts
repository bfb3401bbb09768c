import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll } from '../../support/before-all.ts'
import { assertRefused } from '../support/client.ts'
import type { Answer } from '../support/answer.ts'
import { startPublisher } from '../support/publisher.ts'
import { claimsOf, present, signed, startEnterprise, type Claims } from './support.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

describe('A client with a metadata document', () => {
  const publisher = beforeAll(() => startPublisher())
  const key = beforeAll(() => generateKeyPair('ES256'))
  const idOf = (path: string): string => publisher.urlOf(path)
  const connect = beforeAll(() => {
    const listed = ['/assistant.json', '/public.json', '/elsewhere.json'].map((path) => ({
      client_id: idOf(path),
    }))
    const settings = { CONNECT_CLIENT_HOSTS: publisher.host, ENTERPRISE_CLIENTS: JSON.stringify(listed) }
    return startEnterprise({ reach: publisher.reach, settings })
  })

  before(async () => {
    const confidential = {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [await exportJWK(key.publicKey)] },
    }
    publisher.publishClient('/assistant.json', confidential)
    publisher.publishClient('/unlisted.json', confidential)
    publisher.publishClient('/public.json')
    publisher.publishClient('/elsewhere.json', {
      ...confidential,
      redirect_uris: ['https://evil.example/cb'],
    })
  })

  async function presentAs(path: string, changes: Claims = {}): Promise<Answer> {
    const id = idOf(path)
    const client = await new SignJWT({
      iss: id,
      sub: id,
      aud: connect.origin,
      jti: randomUUID(),
      exp: connect.now() + 60,
    })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(key.privateKey)
    const shown = { client_assertion_type: ASSERTION_TYPE, client_assertion: client }
    const form = { client_id: id, ...(path === '/public.json' ? {} : shown) }
    const assertion = await signed(connect, claimsOf(connect, { client_id: id, ...changes }))
    return await present(connect, assertion, { form, headers: {} })
  }

  it('opens a session with a client assertion of its published key', async () => {
    const answer = await presentAs('/assistant.json')
    assert.equal(answer.status, 200, answer.text)
  })

  it('J03: is refused without a key, or if the operator did not list it', async () => {
    assertRefused(await presentAs('/public.json'), 'unauthorized_client')
    assertRefused(await presentAs('/unlisted.json'), 'unauthorized_client')
    assert.equal(publisher.timesAsked('/unlisted.json'), 0)
  })

  it('J03: is refused once its redirect URIs are at a host that the operator does not allow', async () => {
    assertRefused(await presentAs('/elsewhere.json'), 'unauthorized_client')
  })

  it('J03: makes consent-ui fetch nothing for an assertion that is not genuine or not its own', async () => {
    const other = await startEnterprise({
      reach: publisher.reach,
      settings: {
        CONNECT_CLIENT_HOSTS: publisher.host,
        ENTERPRISE_CLIENTS: JSON.stringify([{ client_id: idOf('/assistant.json') }]),
      },
    })
    const asked = publisher.asked.length
    const form = { client_id: idOf('/assistant.json') }
    const foreign = await signed(other, claimsOf(other))
    for (const assertion of ['not a token', foreign]) {
      assertRefused(await present(other, assertion, { form, headers: {} }), 'invalid_grant')
    }
    assert.equal(publisher.asked.length, asked)
  })
})
