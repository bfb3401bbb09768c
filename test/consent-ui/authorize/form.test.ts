import assert from 'node:assert/strict'
import type { Page } from '../../support/http-browser.ts'
import type { Answer } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { approve, signIn } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

/** OpenID Connect Core section 3.1.2.1 requires GET and POST. */
describe('An authorization request sent as a form', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  function form(): Record<string, string> {
    return Object.fromEntries(new URL(client.authorizationUrl()).searchParams)
  }

  for (const path of ['/connect/authorize', '/authorize']) {
    it(`works like a query, from a page of any site, at ${path}`, async () => {
      const browser = connect.browser()
      const page = await browser.submit(connect.origin + path, form(), 'https://client.example')
      const callback = await approve(browser, await signIn(browser, page))
      assert.ok(callback.searchParams.has('code'))
      assert.equal(callback.searchParams.get('state'), client.state)
    })
  }

  it('is one request with its query: a parameter in both is there twice', async () => {
    const page = await submitted(`?client_id=${client.id}`)
    assert.equal(page.status, 400)
    assert.ok(page.text.includes('client_id appears more than once'))
  })

  it('gets an error page if the body is not a form', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await connect.post('/connect/authorize', form(), { 'content-type': type })
      assert.equal(answer.status, 400, type)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/)
    }
    const large = await connect.post('/connect/authorize', { ...form(), x: 'x'.repeat(70_000) })
    assert.equal(large.status, 413)
  })

  it('may carry a state of at most 2 KB, which is stored until the user has answered', async () => {
    for (const [state, status] of [
      ['x'.repeat(2048), 303],
      ['x'.repeat(2049), 400],
      ['é'.repeat(1024), 303],
      ['é'.repeat(1025), 400],
      ['x'.repeat(60_000), 400],
    ] as const) {
      let answer: Answer | undefined
      const added = await keysAddedBy(connect.redis, async () => {
        answer = await connect.post('/connect/authorize', { ...form(), state })
      })
      assert.equal(answer?.status, status)
      assert.equal(
        added.some((key) => key.includes('transaction')),
        status === 303,
      )
    }
  })

  it('with a longer state gets an error page, not a redirect', async () => {
    const answer = await connect.post('/connect/authorize', {
      ...form(),
      response_type: 'token',
      state: 'x'.repeat(60_000),
    })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers.get('location'), null)
    assert.match(answer.text, /a state that is too long/)
  })

  async function submitted(query: string): Promise<Page> {
    return await connect.browser().submit(`${connect.origin}/connect/authorize${query}`, form())
  }

  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    it(`is refused with the method ${method}`, async () => {
      const answer = await fetch(client.authorizationUrl(), { method, redirect: 'manual' })
      assert.equal(answer.status, 405)
      assert.match(answer.headers.get('allow') ?? '', /GET.*POST|POST.*GET/)
    })
  }
})
