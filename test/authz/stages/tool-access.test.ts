import assert from 'node:assert/strict'
import { startValkey } from '../../support/store/valkey.ts'
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

describe('The tool_access stage', () => {
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

  it('receives the session from authenticate', () => {
    assert.equal(findings.tool_access, 'needed')
    assert.equal(findings.session, opening.session.id)
    assert.equal(findings.access, 'read')
  })

  it('allows a read-only tool and changes nothing about the request', async () => {
    const answer = await ask({ body: call('package_browse') })
    assert.deepEqual([answer.kind, answer.code], ['ok_response', 0])
    assert.equal(answer.headers.size, 0)
    assert.deepEqual(answer.removed, [])
    assert.deepEqual(answer.metadata, { tool_decision: 'allow', list: false, request: 'request-1' })
  })

  it('sends the answer to a list request through the filter, without Accept-Encoding', async () => {
    for (const asked of [{ body: LIST }, { method: 'GET' }]) {
      const answer = await ask(asked)
      assert.deepEqual([answer.kind, answer.metadata.list], ['ok_response', true])
      assert.deepEqual(answer.removed, ['accept-encoding'])
    }
  })

  for (const [what, body, reason] of [
    ['a tool that changes something', call('package_create'), 'tool_not_allowed'],
    ['an unknown tool', call('anything'), 'tool_not_allowed'],
    ['a tool that runs SQL', call('athena_query'), 'tool_not_allowed'],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"tasks/run"}', 'method_not_allowed'],
    ['a batch', `[${LIST}]`, 'batch'],
    ['a name twice', call('package_browse').replace('{"name"', '{"name":"x","name"'), 'duplicate_key'],
  ] as const) {
    it(`refuses ${what} with a JSON-RPC error and its own reason`, async () => {
      const answer = await ask({ body })
      assert.equal(answer.kind, 'denied_response')
      assert.notEqual(answer.code, 0)
      assert.deepEqual(answer.metadata, { tool_decision: 'deny', tool_reason: reason, list: false })
      const { error } = JSON.parse(answer.body ?? '') as { error: { message: string } }
      assert.ok(error.message.length > 0)
    })
  }

  it('explains how to get full access', async () => {
    const answer = await ask({ body: call('package_create') })
    assert.equal(answer.httpStatus, 200)
    const { id, error } = JSON.parse(answer.body ?? '') as { id: number; error: { message: string } }
    assert.equal(id, 7)
    assert.match(error.message, /reconnect this application and choose "Read and change"/)
  })

  it('refuses other HTTP methods with an Allow header', async () => {
    const answer = await ask({ method: 'HEAD' })
    assert.equal(answer.httpStatus, 405)
    assert.equal(answer.headers.get('allow'), 'GET, POST, DELETE')
  })

  it('G01: refuses a truncated body', async () => {
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

  it('answers 503 without the metadata of authenticate', async () => {
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

  it('refuses a session that ended while the body arrived', async () => {
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

  it('refuses the session of another service', async () => {
    const other = openSession({ access: 'read', resource: 'https://connect.example/files' })
    await gate.save(other)
    assert.equal((await ask({ body: LIST }, { session: other.session.id })).httpStatus, 401)
  })

  it('accepts authenticate’s result about an API key', async () => {
    const answer = await ask({ body: call('package_browse') }, { source: 'api_key', session: '' })
    assert.equal(answer.kind, 'ok_response')
  })

  it('logs the user and reason of a refusal, and nothing of the body', async () => {
    gate.lines.length = 0
    await ask({ body: call('package_create') })
    const line = gate.lines.find(({ msg }) => msg === 'tool call denied')
    assert.equal(line?.subject, 'ada')
    assert.equal(line.reason, 'tool_not_allowed')
    assert.doesNotMatch(JSON.stringify(gate.lines), /package_create/)
  })
})
