import assert from 'node:assert/strict'
import { startConnect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('The rate limit on pasted codes', () => {
  const connect = beforeAll(() =>
    startConnect({
      settings: {
        ...CODE_AFTER_SIGN_IN,
        RATE_LIMIT_PASTED_CODES: '3/60',
        RATE_LIMIT_PASTED_CODES_PER_CLIENT: '3/60',
      },
    }),
  )

  it('refuses a code after too many wrong ones, without a request to the Registry', async () => {
    const client = await connect.client()
    const browser = connect.browser()
    const page = await openConsent(browser, client.authorizationUrl())
    const wrong = await quiltCodeOf(connect)
    const statuses: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      statuses.push((await paste(browser, page, `${wrong.slice(0, -1)}${turn}`)).status)
    }
    assert.deepEqual(statuses, [422, 422, 422])
    const { registryProxy } = connect.organisation
    const askedBefore = registryProxy.shownAt('/api/token').length
    const refused = await paste(browser, page, await quiltCodeOf(connect))
    assert.equal(refused.status, 429)
    assert.match(read(refused), /Too many requests/)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.equal(registryProxy.shownAt('/api/token').length, askedBefore)
    await connect.passTime(60)
    const consent = await paste(browser, page, await quiltCodeOf(connect))
    assert.match(read(consent), /Authorize Application/)
  })

  it('does not count valid codes', async () => {
    const client = await connect.client()
    for (let turn = 0; turn < 5; turn += 1) {
      const browser = connect.browser()
      const page = await openConsent(browser, client.authorizationUrl())
      const consent = await paste(browser, page, await quiltCodeOf(connect))
      assert.match(read(consent), /Authorize Application/)
    }
  })
})
