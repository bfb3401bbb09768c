import assert from 'node:assert/strict'
import { startValkey } from '../../support/valkey.ts'
import { CONTEXT, question, type Answer, type Question } from '../support/envoy.ts'
import { NOW_MS, openSession } from '../support/sessions.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { assertUnavailable } from '../support/verdicts.ts'

const NAMESPACE = 'envoy.filters.http.ext_authz'

/** What Envoy asks at the second filter, about a body of a session. */
interface Asked {
  readonly findings: Answer['metadata']
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly context?: Readonly<Record<string, string>>
}

function toolQuestion({
  findings,
  body = '',
  headers = {},
  method = 'POST',
  context = CONTEXT,
}: Asked): Question {
  const fields = Object.fromEntries(
    Object.entries(findings).map(([name, stringValue]) => [name, { stringValue }]),
  )
  return {
    attributes: {
      request: {
        http: {
          method,
          size: body.length,
          raw_body: Buffer.from(body),
          headers: {
            'x-request-id': 'request-1',
            'content-type': 'application/json',
            ...(body === '' ? {} : { 'x-envoy-auth-partial-body': 'false' }),
            ...headers,
          },
        },
      },
      context_extensions: context,
      metadata_context: { filter_metadata: { [NAMESPACE]: { fields } } },
    },
  }
}

const call = (tool: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: tool, arguments: {} } })
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'tools/list' })

describe('The check of what may be called', () => {
  let gate: Gate
  let findings: Answer['metadata']
  const opening = openSession({ access: 'read' })

  before(async () => {
    const valkey = await startValkey()
    gate = await startGate(valkey)
    await gate.save(opening)
    const answer = await gate.envoy.present(await gate.signer.sign(opening))
    findings = answer.metadata
  })

  const ask = (asked: Omit<Asked, 'findings'>, changes: Answer['metadata'] = {}): Promise<Answer> =>
    gate.envoy.askToolAccess(toolQuestion({ findings: { ...findings, ...changes }, ...asked }))

  it('is announced by the first check, with the session that it is about', () => {
    assert.equal(findings.tool_access, 'needed')
    assert.equal(findings.session, opening.session.id)
    assert.equal(findings.access, 'read')
  })

  it('lets a tool that reads be called, and changes nothing about the request', async () => {
    const answer = await ask({ body: call('package_browse') })
    assert.deepEqual([answer.kind, answer.code], ['ok_response', 0])
    assert.equal(answer.headers.size, 0)
    assert.deepEqual(answer.removed, [])
    assert.deepEqual(answer.metadata, { tool_decision: 'allow', list: false })
  })

  it('sends the answer to a list through the filter, and asks the service for it unencoded', async () => {
    for (const asked of [{ body: LIST }, { method: 'GET' }]) {
      const answer = await ask(asked)
      assert.deepEqual([answer.kind, answer.metadata.list], ['ok_response', true])
      assert.deepEqual(answer.removed, ['accept-encoding'])
    }
  })

  for (const [what, body, reason] of [
    ['a tool that changes something', call('package_create'), 'tool_not_allowed'],
    ['a tool that nobody knows', call('anything'), 'tool_not_allowed'],
    ['a tool that runs SQL', call('athena_query'), 'tool_not_allowed'],
    ['a method that nobody knows', '{"jsonrpc":"2.0","id":1,"method":"tasks/run"}', 'method_not_allowed'],
    ['a batch', `[${LIST}]`, 'batch'],
    ['a name twice', call('package_browse').replace('{"name"', '{"name":"x","name"'), 'duplicate_key'],
  ] as const) {
    it(`refuses ${what}, as JSON-RPC and under its own reason`, async () => {
      const answer = await ask({ body })
      assert.equal(answer.kind, 'denied_response')
      assert.notEqual(answer.code, 0)
      assert.deepEqual(answer.metadata, { tool_decision: 'deny', tool_reason: reason, list: false })
      const { error } = JSON.parse(answer.body ?? '') as { error: { message: string } }
      assert.ok(error.message.length > 0)
    })
  }

  it('says how to get full access where that is what is missing', async () => {
    const answer = await ask({ body: call('package_create') })
    assert.equal(answer.httpStatus, 200)
    const { id, error } = JSON.parse(answer.body ?? '') as { id: number; error: { message: string } }
    assert.equal(id, 7)
    assert.match(error.message, /reconnect this application and choose "Read and change"/)
  })

  it('refuses other HTTP methods, and says which there are', async () => {
    const answer = await ask({ method: 'HEAD' })
    assert.equal(answer.httpStatus, 405)
    assert.equal(answer.headers.get('allow'), 'GET, POST, DELETE')
  })

  it('G01: refuses a body that was cut short, whatever the part of it says', async () => {
    const body = call('package_browse')
    for (const asked of [
      { body, headers: { 'x-envoy-auth-partial-body': 'true' } },
      { body: '', headers: { 'x-envoy-auth-partial-body': 'false' } },
    ]) {
      assert.equal((await ask(asked)).kind, 'denied_response')
    }
    const short = toolQuestion({ findings, body }) as { attributes: { request: { http: { size: number } } } }
    short.attributes.request.http.size += 1
    assert.equal((await gate.envoy.askToolAccess(short)).kind, 'denied_response')
  })

  it('refuses everybody about whom the first check has said nothing, as trouble of ours', async () => {
    for (const changes of [
      { tool_access: 'not_needed' },
      { tool_access: '' },
      { service: 'files' },
      { tool_access: true },
    ]) {
      assertUnavailable(await ask({ body: LIST }, changes), 'not_authenticated')
    }
    assertUnavailable(await gate.envoy.askToolAccess(question({})), 'not_authenticated')
  })

  it('refuses a route that names no service', async () => {
    const answer = await ask({ body: LIST, context: {} })
    assert.deepEqual([answer.kind, answer.httpStatus], ['denied_response', 404])
  })

  it('looks at the session again: it may have ended while the body came', async () => {
    for (const session of ['', 'x', 'constructor']) {
      const answer = await ask({ body: LIST }, { session })
      assert.deepEqual([answer.kind, answer.httpStatus], ['denied_response', 401])
      assert.equal(answer.metadata.reason, 'session_ended')
    }
    const short = openSession({ access: 'read', expiresAt: NOW_MS / 1000 + 5 })
    await gate.save(short)
    assert.equal((await ask({ body: LIST }, { session: short.session.id })).kind, 'ok_response')
    gate.clock.nowMs += 5000
    assert.equal((await ask({ body: LIST }, { session: short.session.id })).httpStatus, 401)
    gate.clock.nowMs = NOW_MS
  })

  it('of another service’s session is refused', async () => {
    const other = openSession({ access: 'read', resource: 'https://connect.example/files' })
    await gate.save(other)
    assert.equal((await ask({ body: LIST }, { session: other.session.id })).httpStatus, 401)
  })

  it('takes what the first check found about an API key for a minute', async () => {
    const answer = await ask({ body: call('package_browse') }, { source: 'api_key', session: '' })
    assert.equal(answer.kind, 'ok_response')
  })

  it('logs who was refused what, and nothing of the body', async () => {
    gate.lines.length = 0
    await ask({ body: call('package_create') })
    const line = gate.lines.find(({ msg }) => msg === 'tool call denied')
    assert.equal(line?.subject, 'ada')
    assert.equal(line.reason, 'tool_not_allowed')
    assert.doesNotMatch(JSON.stringify(gate.lines), /package_create/)
  })
})
