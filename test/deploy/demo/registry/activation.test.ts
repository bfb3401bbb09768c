import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { exchangeForm, startRegistry, type StartedRegistry } from '../support/registry.ts'
import { visitor } from '../support/visitor.ts'
import { call, EVERYWHERE_200, EVERYWHERE_401, statusesOf } from './support/call.ts'
import { createKey } from './support/graphql.ts'

const INACTIVE = { message: 'Account is inactive. Must have an active account.' }

describe('A user who is deactivated at the demo Registry', () => {
  let registry: StartedRegistry
  let token: string
  let apiKey: string

  beforeEach(async () => {
    registry = await startRegistry()
    token = await registry.tokenOf(ADA)
    apiKey = (await createKey(registry, token, { name: 'a key' })).secret
  })

  function setActive(active: unknown, name = 'ada') {
    return call(registry, ['POST', `/demo/people/${name}/active`], { json: { active } })
  }

  it('gets 401 with a token or a key until they are active again', async () => {
    const { status, body } = await setActive(false)
    assert.deepEqual([status, body], [200, { active: false }])
    for (const credential of [token, apiKey]) {
      assert.deepEqual(await statusesOf(registry, credential), EVERYWHERE_401)
      const refused = await call(registry, ['GET', '/api/me'], { authorization: `Bearer ${credential}` })
      assert.deepEqual(refused.body, INACTIVE)
    }
    await setActive(true)
    for (const credential of [token, apiKey]) {
      assert.deepEqual(await statusesOf(registry, credential), EVERYWHERE_200)
    }
  })

  it('gets no new token', async () => {
    const { body } = await call(registry, ['GET', '/api/code'], { authorization: token })
    const { code } = body as { code: string }
    await setActive(false)
    const attempts = [
      await call(registry, ['POST', '/api/login'], { json: { username: 'ada', password: ADA.password } }),
      await call(registry, ['POST', '/api/token'], { form: { refresh_token: code } }),
      await call(registry, ['POST', '/api/token'], { form: { refresh_token: token } }),
      await call(registry, ['POST', '/api/refresh'], { authorization: token }),
    ]
    for (const attempt of attempts) assert.deepEqual([attempt.status, attempt.body], [401, INACTIVE])
    const credentials = { email: ADA.email, password: ADA.password }
    const page = await visitor(registry.origin).submit(`${registry.origin}/code`, credentials)
    assert.equal(page.status, 422)
    const subjectToken = await registry.issuer.sign(registry.claimsOf(ADA))
    const exchanged = await registry.exchange({ form: exchangeForm(subjectToken) })
    assert.equal(exchanged.status, 400)
  })

  it('does not affect other users', async () => {
    const grace = await registry.tokenOf(GRACE)
    await setActive(false)
    assert.deepEqual(await statusesOf(registry, grace), EVERYWHERE_200)
  })

  it('must exist, and be named in JSON with a boolean', async () => {
    assert.equal((await setActive(false, 'charles')).status, 404)
    for (const active of ['false', 0, null, undefined]) assert.equal((await setActive(active)).status, 400)
    const text = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"active":false}' }
    assert.equal((await fetch(`${registry.origin}/demo/people/ada/active`, text)).status, 400)
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
  })
})
