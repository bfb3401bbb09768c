import assert from 'node:assert/strict'
import { json, post } from '../support/answer.ts'
import { assertRefused, tokensOf, type TestClient } from '../support/client.ts'
import {
  basic,
  confidentialClient,
  redeemWith,
  type ConfidentialClient,
} from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

type Shown = Parameters<typeof redeemWith>[2]

describe('Client authentication', () => {
  const connect = beforeAll(() => startConnect())
  const byBasic = beforeAll(() => confidentialClient(connect, 'client_secret_basic'))
  const byPost = beforeAll(() => confidentialClient(connect, 'client_secret_post'))
  const open = beforeAll(() => connect.client())

  const posted = ({ id, secret }: { id: string; secret: string }): Record<string, string> => ({
    client_id: id,
    client_secret: secret,
  })

  /** Asserts a refusal, an unused code, and a challenge if the request had Basic. */
  async function assertRefusedFor(front: TestClient, shown: Shown, right: Shown): Promise<void> {
    const code = await codeFor(connect, front)
    const answer = await redeemWith(connect, [front, code], shown)
    assertRefused(answer, 'invalid_client', 401)
    const isBasic = /^basic/i.test(shown.headers?.authorization ?? '')
    const challenge = isBasic ? `Basic realm="${connect.origin}", charset="UTF-8"` : null
    assert.equal(answer.headers.get('www-authenticate'), challenge)
    tokensOf(await redeemWith(connect, [front, code], right))
  }

  it('T01: accepts Basic from a client that registered it, in any case of the scheme', async () => {
    const { authorization } = basic(byBasic.id, byBasic.secret)
    for (const spelling of [
      authorization,
      authorization.replace('Basic', 'basic'),
      authorization.replace('Basic', 'BASIC'),
    ]) {
      const code = await codeFor(connect, byBasic.front)
      tokensOf(await redeemWith(connect, [byBasic.front, code], { headers: { authorization: spelling } }))
    }
  })

  it('T01: accepts a secret in the form from a client that registered it', async () => {
    const code = await codeFor(connect, byPost.front)
    tokensOf(await redeemWith(connect, [byPost.front, code], { form: posted(byPost) }))
  })

  it('T01: accepts both if both are right, as Databricks sends them', async () => {
    for (const client of [byBasic, byPost]) {
      const code = await codeFor(connect, client.front)
      const shown = { form: posted(client), headers: basic(client.id, client.secret) }
      tokensOf(await redeemWith(connect, [client.front, code], shown))
    }
  })

  it('T01: accepts Basic with form-encoded parts and colons', async () => {
    const code = await codeFor(connect, byBasic.front)
    const encode = (text: string): string =>
      Array.from(text, (character) => `%${character.charCodeAt(0).toString(16)}`).join('')
    const headers = basic(encode(byBasic.id), encode(byBasic.secret))
    tokensOf(await redeemWith(connect, [byBasic.front, code], { headers }))
  })

  for (const [what, shownOf] of Object.entries<
    (client: ConfidentialClient, other: ConfidentialClient) => Shown
  >({
    'no secret': ({ id }) => ({ form: { client_id: id } }),
    'an empty secret': ({ id }) => ({ form: { client_id: id, client_secret: '' }, headers: basic(id, '') }),
    'a wrong secret in the form': ({ id }) => ({ form: { client_id: id, client_secret: 'x'.repeat(43) } }),
    'a wrong secret by Basic': ({ id }) => ({ headers: basic(id, 'x'.repeat(43)) }),
    'a secret that is cut': ({ id, secret }) => ({ headers: basic(id, secret.slice(0, -1)) }),
    'a secret and more': ({ id, secret }) => ({ headers: basic(id, `${secret}x`) }),
    'a secret in another case': ({ id, secret }) => ({
      form: { client_id: id, client_secret: secret.toLowerCase() },
    }),
    "another client's secret": ({ id }, { secret }) => ({
      form: { client_id: id, client_secret: secret },
      headers: basic(id, secret),
    }),
    'a right secret by Basic, and a wrong one in the form': ({ id, secret }) => ({
      form: { client_id: id, client_secret: 'x' },
      headers: basic(id, secret),
    }),
    'a right secret in the form, and a wrong one by Basic': ({ id, secret }) => ({
      form: { client_id: id, client_secret: secret },
      headers: basic(id, 'x'),
    }),
    'Basic for another client than the form': ({ id, secret }, other) => ({
      form: { client_id: other.id },
      headers: basic(id, secret),
    }),
    'its id for a secret': ({ id }) => ({ headers: basic(id, id) }),
    'an assertion in place of the secret': ({ id }) => ({
      form: {
        client_id: id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: 'x.y.z',
      },
    }),
    'the secret as a bearer token': ({ id, secret }) => ({
      form: { client_id: id },
      headers: { authorization: `Bearer ${secret}` },
    }),
  })) {
    it(`T01: refuses ${what}`, async () => {
      const right = { headers: basic(byBasic.id, byBasic.secret) }
      await assertRefusedFor(byBasic.front, shownOf(byBasic, byPost), right)
      await assertRefusedFor(byPost.front, shownOf(byPost, byBasic), { form: posted(byPost) })
    })
  }

  it('T01: refuses the right secret by the other method', async () => {
    await assertRefusedFor(
      byBasic.front,
      { form: posted(byBasic) },
      { headers: basic(byBasic.id, byBasic.secret) },
    )
    await assertRefusedFor(
      byPost.front,
      { headers: basic(byPost.id, byPost.secret) },
      { form: posted(byPost) },
    )
  })

  for (const authorization of [
    'Basic',
    'Basic ',
    'Basic !!!',
    'Basic Og==',
    'Basic bm9jb2xvbg==',
    'Basic OnNlY3JldA==',
    'Basic /////w==',
    `Basic ${'QQ'.repeat(2000)}`,
    'Basic QTpC QTpC',
  ]) {
    it(`T10: refuses ${authorization.slice(0, 30)}, with a challenge`, async () => {
      const answer = await post(
        `${connect.origin}/auth/token`,
        { grant_type: 'refresh_token', refresh_token: 'x', client_id: open.id },
        { authorization },
      )
      assertRefused(answer, 'invalid_client', 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm="/)
    })
  }

  it('accepts a public client’s id with an empty secret, in the form or by Basic, as Databricks sends it', async () => {
    for (const shown of [
      { form: { client_id: open.id } },
      { form: { client_id: open.id, client_secret: '' } },
      { headers: basic(open.id, '') },
      { form: { client_id: open.id, client_secret: '' }, headers: basic(open.id, '') },
    ]) {
      tokensOf(await redeemWith(connect, [open, await codeFor(connect, open)], shown))
    }
  })

  it('refuses a secret of a public client', async () => {
    const right = { form: { client_id: open.id } }
    await assertRefusedFor(open, { headers: basic(open.id, 'x') }, right)
    await assertRefusedFor(open, { form: { client_id: open.id, client_secret: 'x' } }, right)
  })

  it('T01: is also required at refresh and revocation', async () => {
    const { front, id, secret } = byBasic
    const code = await codeFor(connect, front)
    const tokens = tokensOf(await redeemWith(connect, [front, code], { headers: basic(id, secret) }))
    const refreshing = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: id }
    const revoking = { token: tokens.refresh_token, client_id: id }
    for (const headers of [{}, basic(id, 'x')]) {
      assertRefused(await connect.post('/auth/token', refreshing, headers), 'invalid_client', 401)
      assertRefused(await connect.post('/auth/revoke', revoking, headers), 'invalid_client', 401)
    }
    const right = basic(id, secret)
    const renewed = tokensOf(await connect.post('/auth/token', refreshing, right))
    const answer = await connect.post('/auth/revoke', { token: renewed.refresh_token }, right)
    assert.equal(answer.status, 200)
    const gone = { grant_type: 'refresh_token', refresh_token: renewed.refresh_token }
    assertRefused(await connect.post('/auth/token', gone, right), 'invalid_grant')
  })

  it('keeps id and secret across a key rotation', async () => {
    const rotating = await startConnect()
    const { front, id, secret } = await confidentialClient(rotating, 'client_secret_basic')
    rotating.rotateSealingKeys()
    const code = await codeFor(rotating, front)
    tokensOf(await redeemWith(rotating, [front, code], { headers: basic(id, secret) }))
  })

  it('leaves no secret in Redis or the log', async () => {
    const stored = await Promise.all((await connect.redis.keys('*')).map((key) => connect.redis.dump(key)))
    for (const text of [...stored.map(String), ...connect.lines]) {
      assert.ok(!text.includes(byBasic.secret) && !text.includes(byPost.secret))
    }
  })

  it('gives each confidential registration its own id and secret', async () => {
    const [one, other] = [
      await confidentialClient(connect, 'client_secret_post'),
      await confidentialClient(connect, 'client_secret_post'),
    ]
    assert.notEqual(one.id, other.id)
    assert.notEqual(one.secret, other.secret)
  })

  it('is described by the discovery documents', async () => {
    const metadata = json(await connect.get('/.well-known/oauth-authorization-server'))
    const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']
    assert.deepEqual(metadata.token_endpoint_auth_methods_supported, methods)
    assert.deepEqual(metadata.revocation_endpoint_auth_methods_supported, methods)
    assert.deepEqual(metadata.token_endpoint_auth_signing_alg_values_supported, ['RS256', 'ES256'])
  })
})
