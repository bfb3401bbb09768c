import assert from 'node:assert/strict'
import { edgeBetween } from './support/edge-between.ts'
import { beforeAll } from '../support/before-all.ts'

/** Below Envoy's limit, with room for the other headers. */
const LIMIT_BYTES = 48 * 1024
const OTHER_HEADERS_BYTES = 512

describe('The size of request headers', function () {
  const edge = beforeAll(() => edgeBetween())

  const ask = (bytes: number) => edge.ask({ target: '/connect/apps', lines: [`X-Big: ${'x'.repeat(bytes)}`] })

  it('has one limit: consent-ui reads all headers that Envoy forwards', async () => {
    assert.equal((await ask(LIMIT_BYTES - OTHER_HEADERS_BYTES)).status, 200)
    const many = Array.from({ length: 70 }, (_, at) => `X-${at}: ${'x'.repeat(680)}`)
    assert.equal((await edge.ask({ target: '/connect/apps', lines: many })).status, 200)
  })

  it('gets 431 in JSON above the limit', async () => {
    const { status, headers, body } = await ask(LIMIT_BYTES)
    assert.equal(status, 431)
    assert.deepEqual(headers.get('content-type'), ['application/json'])
    assert.deepEqual(headers.get('cache-control'), ['no-store'])
    assert.equal((JSON.parse(body) as { error: string }).error, 'invalid_request')
  })
})
