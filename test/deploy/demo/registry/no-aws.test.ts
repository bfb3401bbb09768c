import assert from 'node:assert/strict'
import { startRegistry } from '../support/registry.ts'
import { beforeAll } from '../../../support/before-all.ts'

const MESSAGE = /This demo has no AWS/

describe('The demo’s replacement of AWS', () => {
  const registry = beforeAll(() => startRegistry())

  it('refuses requests to S3 and STS with XML', async () => {
    for (const [method, path] of [
      ['GET', '/no-aws/quilt-lab?list-type=2'],
      ['PUT', '/no-aws/quilt-lab/a/key'],
      ['DELETE', '/no-aws/quilt-lab/a/key'],
      ['POST', '/no-aws/'],
    ] as const) {
      const response = await fetch(`${registry.origin}${path}`, { method })
      assert.equal(response.status, 501, path)
      assert.match(response.headers.get('content-type') ?? '', /^application\/xml/)
      const text = await response.text()
      assert.match(text, /<Error><Code>NoAwsInThisDemo<\/Code><Message>.+<\/Message><\/Error>/)
      assert.match(text, MESSAGE)
    }
  })

  it('refuses requests to Athena and Glue with JSON', async () => {
    const response = await fetch(`${registry.origin}/no-aws`, {
      method: 'POST',
      headers: {
        'x-amz-target': 'AmazonAthena.ListWorkGroups',
        'content-type': 'application/x-amz-json-1.1',
      },
      body: '{}',
    })
    assert.equal(response.status, 501)
    const { __type: type, message } = (await response.json()) as Record<string, string>
    assert.equal(type, 'NoAwsInThisDemo')
    assert.match(message ?? '', MESSAGE)
  })
})
