import assert from 'node:assert/strict'
import type { AccessRefusal } from '../../../authz/read-access/judge-call.ts'
import { refusalBody, refusalStatus } from '../../../authz/read-access/refusal-body.ts'

const parsed = (reason: AccessRefusal, id: string | number | undefined): unknown =>
  JSON.parse(refusalBody(reason, id, true))

describe('refusalBody', () => {
  it('writes a JSON-RPC error with the id of the request and how to get full access', () => {
    assert.deepEqual(parsed('tool_not_allowed', 'a"b'), {
      jsonrpc: '2.0',
      id: 'a"b',
      error: {
        code: 1001,
        message:
          'This application has read-only access to Quilt, which does not include this tool. To allow more, reconnect this application and choose "Read and change" on the consent page.',
      },
    })
  })

  it('explains when the operator offers only read access', () => {
    assert.match(
      refusalBody('method_not_allowed', 1, false),
      /this method\. The operator .* offers only read-only access/,
    )
  })

  it('writes null for an unreadable id', () => {
    assert.deepEqual(parsed('duplicate_key', undefined), {
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'The request has a key twice in one object' },
    })
  })

  it('keeps the id 0', () => {
    assert.equal((parsed('kind', 0) as { id: unknown }).id, 0)
  })

  const table: [reason: AccessRefusal, id: string | undefined, code: number, status: number][] = [
    ['tool_not_allowed', 'a', 1001, 200],
    ['method_not_allowed', 'a', 1001, 200],
    ['method_not_allowed', undefined, 1001, 400],
    ['syntax', undefined, -32700, 400],
    ['batch', undefined, -32600, 400],
    ['params', 'a', -32600, 200],
    ['header_mismatch', 'a', -32020, 400],
    ['header_missing', undefined, -32020, 400],
    ['last_event_id', 'a', -32600, 400],
    ['http_method', undefined, -32600, 405],
    ['too_large', undefined, -32600, 413],
    ['partial_body', undefined, -32600, 413],
  ]
  for (const [reason, id, code, status] of table) {
    it(`writes code ${code} and status ${status} for ${reason} ${id === undefined ? 'without' : 'with'} an id`, () => {
      assert.equal((parsed(reason, id) as { error: { code: number } }).error.code, code)
      assert.equal(refusalStatus(reason, id), status)
    })
  }
})
