import assert from 'node:assert/strict'
import { headersToRemove } from '../../../authz/decide/headers-to-remove.ts'

describe('headersToRemove', () => {
  it('removes Cookie and the identity headers of proxies, sent or not', () => {
    assert.deepEqual(headersToRemove([]), [
      'cookie',
      'x-forwarded-user',
      'x-forwarded-email',
      'x-forwarded-groups',
      'x-forwarded-preferred-username',
      'x-forwarded-access-token',
    ])
  })

  for (const [name, removed] of [
    ['x-quilt-user', true],
    ['x-auth-subject', true],
    ['x-amzn-oidc-data', true],
    ['x-authority', false],
    ['x-forwarded-for', false],
    ['x-envoy-external-address', false],
    ['x-request-id', false],
    ['mcp-session-id', false],
    ['authorization', false],
    ['quilt-x-quilt-', false],
  ] as const) {
    it(`${removed ? 'removes' : 'leaves'} ${name}`, () => {
      assert.equal(headersToRemove([name]).includes(name), removed)
    })
  }
})
