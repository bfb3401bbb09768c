import assert from 'node:assert/strict'
import {
  readAuthenticateRequest,
  type CheckRequest,
  type AuthenticateRequest,
} from '../../../authz/envoy/check-request.ts'
import { asEnvoySends } from '../support/envoy.ts'

const withHeaders = (headers: Record<string, string>): CheckRequest => ({
  attributes: { request: { http: { headers } } },
})
const read = (message: CheckRequest): AuthenticateRequest => readAuthenticateRequest(asEnvoySends(message))
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('readAuthenticateRequest', () => {
  it('finds nothing in an empty message', () => {
    const nothing = {
      id: undefined,
      method: '',
      clientAddress: undefined,
      mcpMethods: [],
      mcpNames: [],
      headerNames: [],
      authorization: [],
      context: { service: undefined, path: undefined, reads: undefined },
    }
    for (const message of [{}, { attributes: {} }, { attributes: { request: {} } }]) {
      assert.deepEqual(read(message), nothing)
    }
  })

  it('reads method, request id and context', () => {
    const facts = read({
      attributes: {
        request: { http: { method: 'GET', headers: { 'x-request-id': 'r', accept: '*/*' } } },
        context_extensions: { service: 's', path: '/p' },
      },
    })
    assert.deepEqual(facts, {
      id: 'r',
      method: 'GET',
      clientAddress: undefined,
      mcpMethods: [],
      mcpNames: [],
      headerNames: ['x-request-id', 'accept'],
      authorization: [],
      context: { service: 's', path: '/p', reads: undefined },
    })
  })

  it('does not read members of Object.prototype', () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty']
    const headers = JSON.parse(`{${names.map((name) => `"${name}":"Bearer a"`).join()}}`) as Record<
      string,
      string
    >
    const facts = read({ attributes: { request: { http: { headers } }, context_extensions: headers } })
    assert.deepEqual(facts.authorization, [])
    assert.deepEqual(facts.context, { service: undefined, path: undefined, reads: undefined })
    assert.deepEqual(
      facts.headerNames,
      names.map((name) => name.toLowerCase()),
    )
  })

  it('finds Authorization in any case', () => {
    assert.deepEqual(read(withHeaders({ Authorization: 'a', AUTHORIZATION: 'b' })).authorization, ['a', 'b'])
  })

  it('keeps all values of both header fields separate', () => {
    const listed = [
      { key: 'authorization', raw_value: bytes('b') },
      { key: 'Authorization', value: 'c' },
      { key: 'authorization' },
      { raw_value: bytes('d') },
    ]
    const http = { headers: { authorization: 'a' }, header_map: { headers: listed } }
    assert.deepEqual(read({ attributes: { request: { http } } }).authorization, ['a', 'b', 'c', ''])
  })

  it('reads one client address, and none when there are two', () => {
    const name = 'x-envoy-external-address'
    assert.equal(read(withHeaders({ [name]: '203.0.113.1' })).clientAddress, '203.0.113.1')
    assert.equal(read(withHeaders({ 'x-forwarded-for': '203.0.113.1' })).clientAddress, undefined)
    const listed = [{ key: name, raw_value: bytes('203.0.113.2') }]
    const http = { headers: { [name]: '203.0.113.1' }, header_map: { headers: listed } }
    assert.equal(read({ attributes: { request: { http } } }).clientAddress, undefined)
  })

  it('reads every Mcp-Method header', () => {
    const listed = [{ key: 'Mcp-Method', raw_value: bytes('b') }]
    const http = { headers: { 'mcp-method': 'a' }, header_map: { headers: listed } }
    assert.deepEqual(read({ attributes: { request: { http } } }).mcpMethods, ['a', 'b'])
  })

  it('decodes header bytes as latin1, so that none becomes another character', () => {
    const headers = [{ key: 'authorization', raw_value: Buffer.from([0xc3, 0xa9, 0xff]) }]
    const { authorization } = read({ attributes: { request: { http: { header_map: { headers } } } } })
    assert.deepEqual(authorization, ['\u00c3\u00a9\u00ff'])
  })
})
