import assert from 'node:assert/strict'
import { judgeAccess, type McpRequest } from '../../../authz/read-access/judge-access.ts'
import { readMessage } from '../../../authz/read-access/read-message.ts'
import { CORPUS, READ, requestOf } from './support/corpus.ts'
import { readingOf, readingsOf, type Readings } from './support/readings.ts'

const FEWEST_BODIES = 200

const verdictOn = (request: McpRequest): string => {
  const verdict = judgeAccess(READ, request)
  if (verdict.outcome === 'refused') return verdict.reason
  return verdict.list ? 'allowed, list' : 'allowed'
}

describe('The corpus of JSON-RPC bodies', () => {
  let readings: readonly Readings[]
  before(() => {
    readings = readingsOf(CORPUS.map(({ bytes }) => bytes))
  })

  it(`has at least ${FEWEST_BODIES} different bodies`, () => {
    const requests = new Set(
      CORPUS.map(({ bytes, headers }) => `${bytes.toString('base64')} ${JSON.stringify(headers)}`),
    )
    assert.ok(new Set(CORPUS.map(({ bytes }) => bytes.toString('base64'))).size >= FEWEST_BODIES)
    assert.equal(requests.size, CORPUS.length)
  })

  for (const [index, entry] of CORPUS.entries()) {
    it(`${entry.title} (${entry.group}): ${entry.verdict}, and read by every parser as it was judged`, () => {
      const request = requestOf(entry)
      assert.equal(verdictOn(request), entry.verdict)
      const message = readMessage(request.bytes, request.body)
      if (message.kind === 'fault') return
      const judged = readingOf(message)
      assert.deepEqual(readings[index], {
        node: judged,
        exact: judged,
        folded_first: judged,
        folded_last: judged,
      })
    })
  }

  it('contains bodies that parsers read differently, all refused', () => {
    const disputed = CORPUS.filter((_, index) => {
      const views = Object.values(readings[index] ?? {}).map((view) => JSON.stringify(view))
      return new Set(views).size > 1
    })
    assert.ok(disputed.length >= 50, String(disputed.length))
    for (const entry of disputed) assert.doesNotMatch(verdictOn(requestOf(entry)), /^allowed/, entry.title)
  })
})
