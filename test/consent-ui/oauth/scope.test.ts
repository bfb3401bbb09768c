import assert from 'node:assert/strict'
import { grantedScope, requireWithin } from '../../../consent-ui/oauth/scope.ts'
import { SERVICES } from '../../support/services.ts'

describe('The scope that a request is granted', () => {
  for (const [requested, granted] of [
    [undefined, 'platform'],
    ['platform', 'platform'],
    [' platform  platform ', 'platform'],
    ['offline_access', 'platform offline_access'],
    ['platform offline_access', 'platform offline_access'],
  ] as const) {
    it(`is ${granted} for ${JSON.stringify(requested)}`, () => {
      assert.equal(grantedScope(requested, SERVICES[0]), granted)
    })
  }

  for (const requested of [
    'openid',
    'platform admin',
    'Platform',
    'platform,offline_access',
    'platform\t',
    '*',
  ]) {
    it(`is none for ${JSON.stringify(requested)}`, () => {
      assert.throws(() => grantedScope(requested, SERVICES[0]), { code: 'invalid_scope' })
    })
  }
})

describe('The scope of a refresh', () => {
  for (const requested of [undefined, '', 'platform', 'offline_access', 'offline_access platform']) {
    it(`may be ${JSON.stringify(requested)}`, () => {
      assert.doesNotThrow(() => requireWithin(requested, 'platform offline_access'))
    })
  }

  for (const requested of ['admin', 'platform admin', 'offline_access']) {
    it(`may not be ${requested}, which is wider`, () => {
      assert.throws(() => requireWithin(requested, 'platform'), { code: 'invalid_scope' })
    })
  }
})
