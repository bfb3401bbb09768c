import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { grantedScope, OFFLINE_ACCESS } from '../../../consent-ui/oauth/scope.ts'
import { PLATFORM, SERVICES } from '../../support/services.ts'

describe('The granted scope', () => {
  for (const [requested, granted] of [
    [undefined, 'platform'],
    ['platform', 'platform'],
    [' platform  platform ', 'platform'],
    ['offline_access', 'platform offline_access'],
    ['platform offline_access', 'platform offline_access'],
    ['offline_access platform', 'platform offline_access'],
    ['platform files offline_access', 'platform offline_access'],
    ['openid profile email', 'platform'],
    ['openid profile email offline_access', 'platform offline_access'],
    ['claudeai', 'platform'],
    ['mcp:tools', 'platform'],
    ['openid', 'platform'],
    ['platform admin', 'platform'],
    ['Platform', 'platform'],
    ['platform,offline_access', 'platform'],
    ['platform\t', 'platform'],
    ['*', 'platform'],
    ['__proto__ constructor', 'platform'],
  ] as const) {
    it(`is ${granted} if the request asks for ${JSON.stringify(requested)}`, () => {
      assert.equal(grantedScope(requested, SERVICES[0]), granted)
    })
  }

  it('has the requested scopes of the service, or all of them if no requested scope is known', () => {
    const service = { ...PLATFORM, scopes: ['one', 'two', 'three'] as const }
    assert.equal(grantedScope('three openid one', service), 'one three')
    assert.equal(grantedScope('openid', service), 'one two three')
  })

  it('is never empty and has only scopes of the service and offline_access', () => {
    const known = [...PLATFORM.scopes, OFFLINE_ACCESS]
    const scopes = fc.array(fc.oneof(fc.string(), fc.constantFrom(...known, 'files', 'openid')))
    fc.assert(
      fc.property(scopes, (asked) => {
        const granted = grantedScope(asked.join(' '), PLATFORM).split(' ')
        assert.ok(PLATFORM.scopes.some((scope) => granted.includes(scope)))
        assert.deepEqual([...new Set(granted)], granted)
        for (const scope of granted) assert.ok(known.includes(scope), scope)
      }),
    )
  })
})
