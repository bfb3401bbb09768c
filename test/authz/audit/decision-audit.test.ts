import assert from 'node:assert/strict'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { CONTEXT, question, type Answer, type Question } from '../support/envoy.ts'
import { startGate } from '../support/gate.ts'
import { REFUSED } from '../support/registry.ts'
import { openSession, SERVICE } from '../support/sessions.ts'
import { assertUnavailable } from '../support/verdicts.ts'

const ADDRESS = { 'x-envoy-external-address': '192.0.2.7' }

function toolCall(findings: Answer['metadata'], tool: string, method = 'tools/call'): Question {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method,
    params: { name: tool, arguments: { query: 'an argument' } },
  })
  const fields = Object.fromEntries(
    Object.entries(findings).map(([name, stringValue]) => [name, { stringValue }]),
  )
  const headers = { ...ADDRESS, 'content-type': 'application/json', 'x-envoy-auth-partial-body': 'false' }
  const http = { method: 'POST', size: body.length, raw_body: Buffer.from(body), headers }
  const metadata_context = { filter_metadata: { 'envoy.filters.http.ext_authz': { fields } } }
  return { attributes: { request: { http }, context_extensions: CONTEXT, metadata_context } }
}

describe('The audit log of authz', () => {
  let audit: CollectedAudit
  const gate = beforeAll(async () => {
    const valkey = await startValkey()
    audit = new CollectedAudit()
    return await startGate(valkey, { audit, apiKeys: 'full' })
  })

  beforeEach(() => {
    audit.events.length = 0
    audit.hasRoom = true
  })

  const withToken = (token: string, headers: Record<string, string> = {}): Question =>
    question({ authorization: `Bearer ${token}`, 'x-request-id': 'request-1', ...ADDRESS, ...headers })

  it('has a refused request with its reason, address and request id', async () => {
    await gate.envoy.ask(question({ 'x-request-id': 'request-1', ...ADDRESS }))
    assert.deepEqual(audit.names(), ['RequestRefused no_credential'])
    const { requestID, sourceIPAddress, userIdentity, api, service } = audit.last()
    assert.deepEqual([requestID, sourceIPAddress, userIdentity], ['request-1', '192.0.2.7', null])
    assert.deepEqual([api, service], [{ operation: 'POST' }, { name: 'platform' }])
  })

  it('names user and client of a refused request whose token was verified', async () => {
    const opening = openSession()
    await gate.envoy.ask(withToken(await gate.signer.sign(opening)))
    const { session } = opening
    assert.deepEqual(audit.names(), ['RequestRefused session_ended'])
    assert.deepEqual(audit.last().userIdentity, { type: 'QuiltUser', userName: session.person.name })
    assert.equal(audit.last().requestParameters.client, fingerprintOf(session.clientId))
  })

  it('has no line for an allowed request of a full session that names no tool', async () => {
    const token = await gate.issueToken(openSession())
    const answer = await gate.envoy.ask(withToken(token, { 'mcp-method': 'tools/list' }))
    assert.equal(answer.kind, 'ok_response')
    assert.deepEqual(audit.names(), [])
  })

  it('has a tool call of a full session, marked as the word of the client', async () => {
    const token = await gate.issueToken(openSession())
    for (const name of ['package_create', '=?base64?cGFja2FnZV9jcmVhdGU=?=']) {
      await gate.envoy.ask(withToken(token, { 'mcp-method': 'tools/call', 'mcp-name': name }))
      assert.equal(audit.last().api?.operation, 'tools/call package_create')
    }
    assert.deepEqual(audit.names(), ['ToolCalled', 'ToolCalled'])
    assert.deepEqual(audit.last().additionalEventData, { by: 'client', toolNamedBy: 'header of the client' })
    assert.equal(audit.last().requestParameters.access, 'full')
  })

  it('has a tool call of a read-only session as it was judged, without arguments', async () => {
    const token = await gate.issueToken(openSession({ access: 'read' }))
    const { metadata } = await gate.envoy.ask(withToken(token))
    await gate.envoy.askToolAccess(toolCall(metadata, 'package_create'))
    assert.ok(SERVICE.kind === 'mcp')
    const [tool = ''] = SERVICE.read.tools
    await gate.envoy.askToolAccess(toolCall(metadata, tool))
    assert.deepEqual(audit.names(), ['ToolCalled tool_not_allowed', 'ToolCalled'])
    assert.deepEqual(
      audit.events.map(({ api, sourceIPAddress }) => [api?.operation, sourceIPAddress]),
      [
        ['tools/call package_create', '192.0.2.7'],
        [`tools/call ${tool}`, '192.0.2.7'],
      ],
    )
    assert.ok(!audit.text().includes('argument'))
  })

  it('has the method of a refused message that calls no tool', async () => {
    const token = await gate.issueToken(openSession({ access: 'read' }))
    const { metadata } = await gate.envoy.ask(withToken(token))
    await gate.envoy.askToolAccess(toolCall(metadata, 'x', 'vendor/write'))
    assert.deepEqual(audit.names(), ['RequestRefused method_not_allowed'])
    assert.equal(audit.last().requestParameters.operation, 'vendor/write')
    assert.equal(audit.last().additionalEventData.stage, 'tool_access')
  })

  it('A02: counts refusals without a user beyond 300 a minute, and says how many it left out', async () => {
    gate.clock.skippedMs += 60_000
    gate.registry.answer(REFUSED)
    for (let count = 0; count < 155; count += 1) {
      await gate.envoy.ask(question({}))
      await gate.envoy.present(`qk_${'a1b2c3d4e5'.repeat(5)}`)
    }
    assert.deepEqual(audit.names().slice(0, 2), [
      'RequestRefused no_credential',
      'RequestRefused api_key_refused',
    ])
    assert.equal(audit.events.length, 300)
    gate.clock.skippedMs += 60_000
    await gate.envoy.ask(question({}))
    assert.equal(audit.last().additionalEventData.refusalsNotRecorded, 10)
  })

  it('answers 503 to every request while AUDIT_REQUIRED is set and there is no room', async () => {
    const token = await gate.issueToken(openSession())
    audit.hasRoom = false
    assertUnavailable(await gate.envoy.ask(withToken(token)), 'audit_unavailable')
    assertUnavailable(await gate.envoy.ask(question({})), 'audit_unavailable')
    audit.hasRoom = true
    assert.equal((await gate.envoy.ask(withToken(token))).kind, 'ok_response')
  })

  it('A03: holds no token and no share', async () => {
    const opening = openSession()
    const token = await gate.issueToken(opening)
    await gate.envoy.ask(withToken(token, { 'mcp-method': 'tools/call', 'mcp-name': token }))
    await gate.envoy.ask(withToken(`${token}x`, { 'user-agent': token }))
    const secrets = [token, token.split('.')[1] ?? '', opening.share, opening.session.id]
    const written = audit.text()
    for (const secret of secrets) assert.ok(!written.includes(secret))
    assert.equal(audit.events.length, 2)
  })
})
