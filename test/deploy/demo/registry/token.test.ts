import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { startRegistry, TOKEN_SECONDS, type StartedRegistry } from '../support/registry.ts'
import { call, EVERYWHERE_200, statusesOf } from './support/call.ts'
import { createKey } from './support/graphql.ts'

const CODE_SECONDS = 600

describe('A token of POST /api/token at the demo Registry', () => {
  let registry: StartedRegistry
  let token: string

  beforeEach(async () => {
    registry = await startRegistry()
    token = await registry.tokenOf(ADA)
  })

  const redeem = (text: string) => call(registry, ['POST', '/api/token'], { form: { refresh_token: text } })

  async function codeOf(authorization: string): Promise<string> {
    const { body } = await call(registry, ['GET', '/api/code'], { authorization })
    return (body as { code: string }).code
  }

  async function assertRedeemed(text: string, name: string): Promise<string> {
    const { status, body } = await redeem(text)
    assert.equal(status, 200)
    const { access_token: issued, ...rest } = body as { access_token: string }
    assert.deepEqual(rest, { refresh_token: issued, expires_at: registry.clock + TOKEN_SECONDS })
    const me = await call(registry, ['GET', '/api/me'], { authorization: `Bearer ${issued}` })
    assert.equal((me.body as { current_user: string }).current_user, name)
    return issued
  }

  async function assertRefused(text: string, message: string): Promise<void> {
    const { status, body } = await redeem(text)
    assert.deepEqual([status, body], [401, { message }])
  }

  it('is issued for a one-time code, once', async () => {
    const code = await codeOf(token)
    assert.deepEqual(Object.keys(JSON.parse(Buffer.from(code, 'base64').toString()) as object), [
      'id',
      'code',
    ])
    await assertRedeemed(code, 'ada')
    await assertRefused(code, 'Code invalid')
  })

  it('is issued once when 10 requests send a code at once', async () => {
    const code = await codeOf(token)
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(code)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it('is issued for a code until the second in which it expires', async () => {
    const [first, second] = [await codeOf(token), await codeOf(token)]
    registry.clock += CODE_SECONDS - 1
    await assertRedeemed(first, 'ada')
    registry.clock += 1
    await assertRefused(second, 'Code invalid')
  })

  it('is issued for a token, which stays valid', async () => {
    const another = await assertRedeemed(token, 'ada')
    assert.notEqual(another, token)
    await assertRedeemed(token, 'ada')
    await call(registry, ['POST', '/api/logout'], { authorization: another })
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
  })

  it('stays valid after the logout of the token that requested the code', async () => {
    const another = await assertRedeemed(await codeOf(token), 'ada')
    await call(registry, ['POST', '/api/logout'], { authorization: token })
    assert.deepEqual(await statusesOf(registry, another), EVERYWHERE_200)
  })

  it('is refused for the id of another user, an unknown code, an invalid token and an API key', async () => {
    const { code } = JSON.parse(Buffer.from(await codeOf(token), 'base64').toString()) as { code: string }
    const coded = (shown: object): string => Buffer.from(JSON.stringify(shown)).toString('base64')
    await assertRefused(coded({ id: GRACE.quilt.id, code }), 'Code invalid')
    await assertRefused(coded({ id: ADA.quilt.id, code: 'x' }), 'Code invalid')
    await assertRedeemed(coded({ id: ADA.quilt.id, code }), 'ada')
    await assertRefused('abc', 'Token invalid')
    await assertRefused(`${token.slice(0, -4)}AAAA`, 'Token invalid')
    const { secret } = await createKey(registry, token, { name: 'a key' })
    await assertRefused(secret, 'Token invalid')
  })

  it('is refused for a token that was logged out', async () => {
    await call(registry, ['POST', '/api/logout'], { authorization: token })
    await assertRefused(token, 'Token invalid')
  })

  it('is issued for a form with one refresh_token only', async () => {
    const wrong = [{ json: { refresh_token: token } }, { form: {} }, { form: { refresh_token: '' } }]
    for (const sent of [...wrong, { form: `refresh_token=${token}&refresh_token=${token}` }]) {
      assert.equal((await call(registry, ['POST', '/api/token'], sent)).status, 400, JSON.stringify(sent))
    }
  })
})
