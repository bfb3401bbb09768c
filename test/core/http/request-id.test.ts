import assert from 'node:assert/strict'
import { requestIdHeader, requestIdOf } from '../../../core/http/request-id.ts'
import { currentRequestId, withRequestId } from '../../../core/log/request-context.ts'
import { createLog } from '../../../core/log/log.ts'

const ROOT = '1-67891233-abcdef012345678912345678'
const SELF = 'Self=1-67891234-12456789abcdef012345678'
const OWN = 'd94b5b67-dad2-41db-9156-61e3c44ed96c'

describe('requestIdOf', () => {
  for (const trace of [
    `Root=${ROOT}`,
    `${SELF};Root=${ROOT}`,
    `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`,
  ])
    it(`is the Root of "${trace}"`, () => {
      assert.equal(requestIdOf([trace], OWN), ROOT)
    })

  for (const trace of [
    '',
    ROOT,
    `root=${ROOT}`,
    `Root=${ROOT}0`,
    `Root=${ROOT} `,
    `XRoot=${ROOT}`,
    'Root=1-x',
    `Root=${ROOT.toUpperCase()}`,
    `Root=${ROOT}\n`,
    `Root="${ROOT}"`,
  ])
    it(`is Envoy’s own id beside ${JSON.stringify(trace)}`, () => {
      assert.equal(requestIdOf([trace], OWN), OWN)
    })

  it('is Envoy’s own id beside several traces, or none', () => {
    assert.equal(requestIdOf([`Root=${ROOT}`, `Root=${ROOT}`], OWN), OWN)
    assert.equal(requestIdOf([], OWN), OWN)
  })

  it('is undefined where Envoy’s own is not an id', () => {
    for (const own of [undefined, '', 'a b', 'a\r\nb: c', 'x'.repeat(65)])
      assert.equal(requestIdOf([], own), undefined)
  })
})

describe('requestIdHeader', () => {
  it('is the trace of a load balancer, or the request id of Envoy', () => {
    assert.deepEqual(requestIdHeader(ROOT), { 'x-amzn-trace-id': `Root=${ROOT}` })
    assert.deepEqual(requestIdHeader(OWN), { 'x-request-id': OWN })
    assert.deepEqual(requestIdHeader(undefined), {})
  })
})

describe('The work of a request', () => {
  it('has its id in each log line, also of work that it started, and other lines have none', async () => {
    const lines: string[] = []
    const log = createLog('test', 'info', { write: (line) => void lines.push(line) })
    await withRequestId(ROOT, async () => {
      log.info('one')
      await Promise.resolve()
      log.info({ request: 'own' }, 'two')
      assert.equal(currentRequestId(), ROOT)
    })
    log.info('three')
    const requests = lines.map((line) => (JSON.parse(line) as { request?: string }).request)
    assert.deepEqual(requests, [ROOT, 'own', undefined])
  })
})
