import assert from 'node:assert/strict'
import { edgeBetween } from './support/edge-between.ts'
import { beforeAll } from '../support/before-all.ts'

/** Of Envoy's limit; the request has some headers beside the large one. */
const LIMIT_BYTES = 48 * 1024
const OTHER_HEADERS_BYTES = 512

describe('The size of request headers', function () {
  const edge = beforeAll(() => edgeBetween())

  const ask = (bytes: number) => edge.ask({ target: '/connect/apps', lines: [`X-Big: ${'x'.repeat(bytes)}`] })

  it('has one limit: all that Envoy lets through, consent-ui reads', async () => {
    assert.equal((await ask(LIMIT_BYTES - OTHER_HEADERS_BYTES)).status, 200)
    const many = Array.from({ length: 70 }, (_, at) => `X-${at}: ${'x'.repeat(680)}`)
    assert.equal((await edge.ask({ target: '/connect/apps', lines: many })).status, 200)
  })

  it('above it Envoy answers 431 in JSON of ours', async () => {
    const { status, headers, body } = await ask(LIMIT_BYTES)
    assert.equal(status, 431)
    assert.deepEqual(headers.get('content-type'), ['application/json'])
    assert.deepEqual(headers.get('cache-control'), ['no-store'])
    assert.equal((JSON.parse(body) as { error: string }).error, 'invalid_request')
  })
})
