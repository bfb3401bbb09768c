import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { beforeAll } from '../support/before-all.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { explained } from './support/explained.ts'
import { rawPost } from './support/raw-post.ts'
import { rawRequest } from './support/raw-request.ts'
import { sharedStack, sharedStackOfShortTokens } from './support/recorded-stack.ts'
import { tokenEnd } from './support/token-end.ts'

const CHANGE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'package_delete', arguments: {} },
})

describe('npm run connect -- why, from the id of a real answer', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())
  let user: ConnectedUser

  before(async () => {
    user = await connectedUser(stack, ADA)
  })

  it('explains a request without a token', async () => {
    const { verdict, stage, reason, status, told, text } = await explained(
      stack,
      await rawPost(stack.mcpUrl, []),
    )
    assert.deepEqual([verdict, stage, reason, status], ['refused', 'authenticate', 'no_credential', 401])
    assert.match(told, /where to sign in/)
    assert.match(
      text,
      /verdict +refused with 401, stage authenticate\n +why +the request carried no credential/,
    )
  })

  it('explains a request that was answered', async () => {
    const { verdict, stage, user: name, milliseconds } = await explained(stack, await user.ask())
    assert.deepEqual([verdict, stage, name], ['allowed', 'service', ADA.quilt.name])
    assert.ok((milliseconds.authenticate ?? 0) > 0)
    assert.ok((milliseconds.total ?? -1) >= 0)
  })

  it('explains an expired token, and names its key', async () => {
    const short = await sharedStackOfShortTokens()
    const brief = await connectedUser(short, ADA)
    await tokenEnd(brief.accessToken)
    const { reason, tokenKey, told } = await explained(short, await brief.ask())
    assert.equal(reason, 'token_expired')
    assert.match(tokenKey ?? '', /^[a-z0-9-]+$/)
    assert.match(told, /The access token has expired/)
  })

  it('explains a revoked session', async () => {
    const revoked = await connectedUser(stack, ADA)
    assert.equal((await revoked.ask()).status, 200)
    await revoked.revoke()
    const { reason, session, user: name } = await explained(stack, await revoked.ask())
    assert.deepEqual([reason, session?.from, name], ['session_ended', 'store', ADA.quilt.name])
  })

  it('explains a tool that a read-only session may not call', async () => {
    const reader = await connectedUser(stack, ADA, 'Read only')
    const answer = await rawPost(stack.mcpUrl, [`Bearer ${reader.accessToken}`], CHANGE)
    const { stage, reason, told, access, session, milliseconds } = await explained(stack, answer)
    assert.deepEqual([stage, reason, access], ['tool_access', 'tool_not_allowed', 'read'])
    assert.match(told, /does not include this tool/)
    assert.equal(session?.from, 'memory')
    assert.ok((session.ageSeconds ?? -1) >= 0 && (session.endsInSeconds ?? 0) > 0)
    assert.ok((milliseconds.check ?? 0) > 0 && (milliseconds.toolAccess ?? 0) > 0)
  })

  it('explains a service that answers 503, that refuses the Quilt credential, and that closes the connection', async () => {
    stack.service.serve((_request, response) => response.writeHead(503).end())
    const answered = await explained(stack, await user.ask())
    assert.deepEqual([answered.stage, answered.reason], ['service', 'answered_503'])
    stack.service.serve((_request, response) => response.writeHead(401).end())
    const unauthorized = await explained(stack, await user.ask())
    assert.deepEqual([unauthorized.reason, unauthorized.status], ['service_unauthorized', 502])
    stack.service.serve((request) => request.socket.destroy())
    const closed = await explained(stack, await user.ask())
    assert.deepEqual([closed.verdict, closed.stage, closed.status], ['unavailable', 'service', 503])
    assert.match(closed.meaning, /the server behind closed the connection/)
    assert.deepEqual(
      closed.flags.map(({ flag }) => flag),
      ['UC'],
    )
  })

  it('explains what consent-ui refused, at an endpoint and on a page', async () => {
    const body = 'grant_type=refresh_token&refresh_token=x&client_id=x'
    const headers = ['content-type', 'application/x-www-form-urlencoded']
    const token = await rawRequest(`${stack.origin}/auth/token`, { method: 'POST', headers, body })
    const atToken = await explained(stack, token)
    assert.deepEqual([atToken.stage, atToken.reason, atToken.status], ['consent-ui', 'invalid_client', 401])
    const page = await explained(stack, await rawRequest(`${stack.origin}/connect/authorize?client_id=x`))
    assert.deepEqual([page.stage, page.reason], ['consent-ui', 'invalid_request'])
    assert.match(page.told, /not registered here|registration/)
  })

  it('explains what Envoy refused by itself', async () => {
    const { stage, reason } = await explained(stack, await rawRequest(`${stack.origin}/nothing-here`))
    assert.deepEqual([stage, reason], ['authenticate', 'no_service'])
    const refused = await explained(stack, await rawRequest(`${stack.origin}/mcp`, { method: 'PUT' }))
    assert.deepEqual([refused.stage, refused.reason, refused.status], ['edge', 'direct_response', 405])
  })
})
