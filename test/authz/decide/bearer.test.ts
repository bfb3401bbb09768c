import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readBearer } from '../../../authz/decide/bearer.ts'
import { anyText } from '../../support/any-text.ts'

const outcomeOf = (...values: string[]): string => {
  const credential = readBearer(values)
  return credential.kind === 'bearer' ? `token ${credential.token}` : credential.reason
}

describe('readBearer', () => {
  const table: [values: string[], outcome: string][] = [
    [[], 'no_credential'],
    [['Bearer abc'], 'token abc'],
    [['bearer abc'], 'token abc'],
    [['BEARER a-._~+/9=='], 'token a-._~+/9=='],
    [[`Bearer ${'a'.repeat(4096)}`], `token ${'a'.repeat(4096)}`],
    [[`Bearer ${'a'.repeat(4097)}`], 'malformed_credential'],
    [['Bearer a', 'Bearer a'], 'several_credentials'],
    [['', ''], 'several_credentials'],
    [['Bearer a,Bearer b'], 'several_credentials'],
    [['Bearer a,'], 'several_credentials'],
    [[','], 'several_credentials'],
    [[''], 'malformed_credential'],
    [['Bearer'], 'malformed_credential'],
    [['Bearer '], 'malformed_credential'],
    [['Bearer =='], 'malformed_credential'],
    [['Bearer a=b'], 'malformed_credential'],
    [['Bearer  a'], 'malformed_credential'],
    [['Bearer\ta'], 'malformed_credential'],
    [[' Bearer a'], 'malformed_credential'],
    [['Bearer a '], 'malformed_credential'],
    [['Bearer a b'], 'malformed_credential'],
    [['Bearer a\n'], 'malformed_credential'],
    [['Bearer "a"'], 'malformed_credential'],
    [['Bearer \u00e9'], 'malformed_credential'],
    [['\u212aearer a'], 'malformed_credential'],
    [['Basic a'], 'malformed_credential'],
    [['DPoP a'], 'malformed_credential'],
    [['a.b.c'], 'malformed_credential'],
    [['BearerBearer a'], 'malformed_credential'],
  ]
  for (const [values, outcome] of table) {
    it(`reads ${JSON.stringify(values).slice(0, 40)} as ${outcome.slice(0, 40)}`, () => {
      assert.equal(outcomeOf(...values), outcome)
    })
  }

  it('finds a token only after the scheme of a single header value', () => {
    fc.assert(
      fc.property(fc.array(anyText()), (values) => {
        const credential = readBearer(values)
        if (credential.kind === 'unusable') return
        assert.equal(values.length, 1)
        assert.equal(values[0]?.slice('bearer '.length), credential.token)
      }),
    )
  })
})
