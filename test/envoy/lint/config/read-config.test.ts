import assert from 'node:assert/strict'
import { readEnvoyConfig, UnreadableConfigError } from '../../../../envoy/lint/config/read-config.ts'

const LISTENER = 'static_resources: { listeners: [{ name: a }] }'

function refusal(text: string): string {
  try {
    readEnvoyConfig(text)
  } catch (error) {
    assert.ok(error instanceof UnreadableConfigError)
    return error.message
  }
  return assert.fail('it was read')
}

describe('readEnvoyConfig', () => {
  it('reads YAML and JSON', () => {
    const expected = { static_resources: { listeners: [{ name: 'a' }] } }
    assert.deepEqual(readEnvoyConfig(LISTENER), expected)
    assert.deepEqual(readEnvoyConfig(JSON.stringify(expected)), expected)
  })

  const nothing: [what: string, text: string][] = [
    ['an empty text', ''],
    ['a text', 'hello'],
    ['a list', '- static_resources'],
    ['another object', 'services: []'],
    ['no listeners', 'static_resources: { clusters: [] }'],
    ['an empty list of listeners', 'static_resources: { listeners: [] }'],
    ['invalid YAML', 'static_resources: ['],
    ['two documents, of which Envoy reads the first', `${LISTENER}\n---\n${LISTENER}`],
  ]
  for (const [what, text] of nothing) {
    it(`refuses ${what}`, () => {
      assert.match(refusal(text), /^This is not an Envoy configuration that can be checked: ./)
    })
  }

  const twoReadings: [what: string, text: string][] = [
    ['a field twice', `${LISTENER}\nadmin: {}\nadmin: { address: {} }`],
    ['an entry that Envoy ignores', `${LISTENER}\n!ignore admin: { address: {} }`],
    ['a tag', `${LISTENER}\nnode: !!binary aGk=`],
    ['a word that Envoy reads as true', `${LISTENER}\nnode: { id: yes }`],
    ['a number that Envoy reads as octal', `${LISTENER}\nadmin: { address: { pipe: { mode: 0600 } } }`],
    ['merged fields, which Envoy does not merge', `x: &x { a: 1 }\n${LISTENER}\nnode: { <<: *x }`],
    ['a field without a name', `${LISTENER}\n? [a]\n: b`],
    ['an alias that never ends', `${LISTENER}\nnode: &a { a: *a }`],
  ]
  for (const [what, text] of twoReadings) {
    it(`refuses ${what}`, () => {
      assert.match(refusal(text), /./)
    })
  }

  it('reads such words in quotes as text', () => {
    const config = readEnvoyConfig(`${LISTENER}\nnode: { id: 'yes', cluster: "0600" }`)
    assert.deepEqual(config.node, { id: 'yes', cluster: '0600' })
  })
})
