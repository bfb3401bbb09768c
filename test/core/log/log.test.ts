import assert from 'node:assert/strict'
import { createLog, type Log } from '../../../core/log/log.ts'

const SECRET = 'hunter2-hunter2-hunter2'

describe('The log', () => {
  let lines: string[]
  let log: Log

  beforeEach(() => {
    lines = []
    log = createLog('authz', 'info', { write: (line) => void lines.push(line) })
  })

  /** The one line, which is JSON. */
  function logged(): Record<string, unknown> {
    assert.equal(lines.length, 1)
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>
  }

  it('writes a line of JSON with time, level, service and message', () => {
    log.warn({ reason: 'no answer' }, 'redis: connection failed')
    const { time, ...rest } = logged()
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.deepEqual(rest, {
      level: 'warn',
      service: 'authz',
      reason: 'no answer',
      message: 'redis: connection failed',
    })
    assert.ok(lines[0]?.endsWith('}\n'))
  })

  it('omits messages below its level', () => {
    log.debug('detail')
    assert.deepEqual(lines, [])
  })

  it('writes one line for a message with line breaks', () => {
    log.info({ agent: 'a"b\nc\u2028d' }, 'two\nlines')
    assert.equal(lines[0]?.trimEnd().includes('\n'), false)
    assert.equal(logged().agent, 'a"b\nc\u2028d')
  })

  it('removes the secrets of a request that is logged whole', () => {
    const headers = { authorization: SECRET, cookie: `quilt-connect=${SECRET}`, accept: '*/*' }
    const request = { method: 'GET', url: `/cb?code=${SECRET}&state=${SECRET}`, headers }
    log.info({ ctx: { request: { ...request, body: { refresh_token: SECRET } } } })
    assert.ok(!lines.join().includes(SECRET))
    assert.match(lines.join(), /"accept":"\*\/\*"/)
  })

  it('removes secrets from the message, stack, cause and members of an error', () => {
    const cause = new Error(`Bearer ${SECRET} was refused`)
    const error = Object.assign(new Error(`redis://:${SECRET}@store`, { cause }), {
      code: 'ECONNREFUSED',
      options: { client_secret: SECRET },
    })
    log.error({ err: error }, 'failed for eyJhbGciOiJFUzI1NiJ9.eyJrIjoi.x')
    assert.ok(!lines.join().includes(SECRET))
    assert.ok(!lines.join().includes('eyJrIjoi'))
    assert.equal((logged().err as { code: string }).code, 'ECONNREFUSED')
  })
})
