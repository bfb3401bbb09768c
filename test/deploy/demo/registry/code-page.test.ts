import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { startRegistry } from '../support/registry.ts'
import { visitor } from '../support/visitor.ts'
import { call } from './support/call.ts'
import { beforeAll } from '../../../support/before-all.ts'

describe("The demo Registry's page with a one-time code", () => {
  let url: string

  const registry = beforeAll(() => startRegistry())

  before(() => {
    url = `${registry.origin}/code`
  })

  it('is the target of /login', async () => {
    const { status, headers } = await call(registry, ['GET', '/login'])
    assert.deepEqual([status, headers.get('location')], [302, '/code'])
    const page = await visitor(registry.origin).open(`${registry.origin}/login`)
    assert.deepEqual([page.status, page.url], [200, url])
    assert.match(page.text, /Sign in to Quilt/)
  })

  it('shows a code that can be exchanged for a token of the user', async () => {
    for (const { email, password, quilt } of [ADA, GRACE]) {
      const page = await visitor(registry.origin).submit(url, { email: ` ${email} `, password })
      assert.equal(page.status, 200)
      const [, code = ''] = /<output id="code">([^<]+)<\/output>/.exec(page.text) ?? []
      const { body } = await call(registry, ['POST', '/api/token'], { form: { refresh_token: code } })
      const { access_token: authorization } = body as { access_token: string }
      const me = await call(registry, ['GET', '/api/me'], { authorization })
      assert.equal((me.body as { current_user: string }).current_user, quilt.name)
    }
  })

  it('shows the form again after a wrong password, with escaped input', async () => {
    const email = '"><script>x</script>@example.com'
    const attempts = [
      { email: ADA.email, password: GRACE.password },
      { email, password: 'x' },
      { email: '', password: '' },
    ]
    for (const attempt of attempts) {
      const page = await visitor(registry.origin).submit(url, attempt)
      assert.equal(page.status, 422)
      assert.match(page.text, /role="alert"/)
      assert.doesNotMatch(page.text, /id="code"|<script/)
    }
  })

  it('allows no script, no resource, no frame and no storage', async () => {
    const { email, password } = ADA
    for (const page of [
      await visitor(registry.origin).open(url),
      await visitor(registry.origin).submit(url, { email, password }),
    ]) {
      const policy = page.headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /form-action 'self'/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.doesNotMatch(policy, /script-src|unsafe/)
      assert.equal(page.headers.get('cache-control'), 'no-store')
      assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    }
  })
})
