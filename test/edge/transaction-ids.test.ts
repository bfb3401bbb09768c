import assert from 'node:assert/strict'
import { until } from '../support/until.ts'
import { edgeBetween } from './support/edge-between.ts'
import { beforeAll } from '../support/before-all.ts'

const ID = 'a-transaction-of-this-test'

describe('The access log', function () {
  const edge = beforeAll(() => edgeBetween())

  it('has a line for every request, without ids of authorization transactions', async () => {
    const targets = [
      ...[`/connect/authorize/${ID}`, `/connect/authorize/${ID}/`, `//connect/./authorize/${ID}?x=${ID}`],
      ...['/connect/authorize', '/mcp', '/nowhere'],
    ]
    for (const target of targets) await edge.ask({ target })
    const large = 'x'.repeat(70_000)
    const lines = [`Content-Length: ${large.length}`]
    await edge.ask({ method: 'POST', target: `/connect/authorize/${ID}`, lines, body: large })
    // Envoy refuses it before it has read the headers.
    await edge.ask({ target: `/connect/authorize/${ID}`, lines: ['X_Y: 1'] })
    await until(() => edge.lines.length >= targets.length + 2, 'the access log')
    assert.equal(edge.lines.length, targets.length + 2)
    assert.deepEqual(
      edge.lines.filter((line) => line.includes(ID)),
      [],
    )
    const pages = edge.lines.filter((line) => line.includes('"path":"/connect/authorize/*"'))
    assert.equal(pages.length, 4)
  })
})
