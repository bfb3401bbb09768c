import assert from 'node:assert/strict'
import { readSessionDetails } from '../../../../core/sessions/session-details.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { CONTEXT, question, type Answer } from '../../support/envoy.ts'
import { NOW, openSession } from '../../support/sessions.ts'
import { startGate } from '../../support/gate.ts'
import { beforeAll } from '../../../support/before-all.ts'

describe('authz allows a live session', () => {
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))
  const opening = beforeAll(() => openSession())

  before(async () => {
    token = await gate.issueToken(opening)
  })

  const present = (one: string): Promise<Answer> => gate.envoy.present(one)
  const authorization = (value: string): Promise<Answer> => gate.envoy.ask(question({ authorization: value }))

  it('with the user’s Quilt credential instead of the token', async () => {
    for (const temperature of ['cold', 'warm']) {
      const answer = await present(token)
      assert.deepEqual([answer.kind, answer.code], ['ok_response', 0], temperature)
      assert.deepEqual(Object.fromEntries(answer.headers), {
        authorization: `Bearer ${opening.credential.token}`,
        'x-envoy-upstream-rq-timeout-ms': '3600000',
      })
      assert.ok(answer.removed.includes('cookie'))
      assert.deepEqual(answer.metadata, {
        service: 'platform',
        decision: 'allow',
        reason: 'valid_session',
        subject: 'ada',
        tool_access: 'not_needed',
        client: 'client-1',
        access: 'full',
      })
    }
  })

  it('with one read of Redis', async () => {
    const other = openSession()
    await gate.save(other)
    const otherToken = await gate.signer.sign(other)
    const reads = gate.store.reads
    for (const turn of [1, 2, 3]) assert.equal((await present(otherToken)).kind, 'ok_response', `${turn}`)
    assert.equal(gate.store.reads, reads + 1)
  })

  it('and reports its use, with the tool that the header of a call names', async () => {
    const used = openSession()
    const authorization = `Bearer ${await gate.issueToken(used)}`
    await gate.envoy.ask(question({ authorization, 'mcp-method': 'tools/call', 'mcp-name': 'package_list' }))
    await gate.envoy.ask(question({ authorization, 'mcp-method': 'prompts/get', 'mcp-name': 'a_prompt' }))
    await gate.uses.report()
    const { use } = await readSessionDetails(gate.redis, used.session.id)
    assert.deepEqual(use, { at: NOW, tools: ['package_list'] })
  })

  it('negative test, resource server: lowercase scheme: with the scheme in any case', async () => {
    assert.equal((await authorization(`bEaReR ${token}`)).kind, 'ok_response')
  })

  it('and removes every identity header', async () => {
    const forged = {
      authorization: `Bearer ${token}`,
      'x-quilt-user': 'root',
      'x-auth-subject': 'root',
      a: 'b',
    }
    const { removed } = await gate.envoy.ask(question(forged))
    assert.ok(
      removed.includes('x-quilt-user') && removed.includes('x-auth-subject') && !removed.includes('a'),
    )
  })

  it('for at most 5 minutes for a GET and a subscription', async () => {
    const bearer = { authorization: `Bearer ${token}` }
    const subscription = { ...bearer, 'mcp-method': 'subscriptions/listen' }
    for (const asked of [question(bearer, 'GET'), question(subscription)]) {
      const answer = await gate.envoy.ask(asked)
      assert.equal(answer.headers.get('x-envoy-upstream-rq-timeout-ms'), '300000')
    }
  })

  it('for no longer than token, session and credential last', async () => {
    const ending = openSession({ expiresAt: NOW + 20 })
    const lapsing = openSession({}, { credential: { token: 'q', expiresAt: NOW + 30 } })
    await gate.save(ending)
    await gate.save(lapsing)
    for (const [one, milliseconds] of [
      [await gate.signer.sign(opening, { exp: NOW + 10 }), '10000'],
      [await gate.signer.sign(ending), '20000'],
      [await gate.signer.sign(lapsing), '30000'],
    ] as const) {
      assert.equal((await present(one)).headers.get('x-envoy-upstream-rq-timeout-ms'), milliseconds)
    }
  })

  it('with headers as bytes', async () => {
    const headers = [
      { key: 'authorization', raw_value: Buffer.from(`Bearer ${token}`) },
      { key: 'x-request-id', raw_value: Buffer.from('request-2') },
    ]
    const answer = await gate.envoy.ask({
      attributes: {
        request: { http: { method: 'POST', header_map: { headers } } },
        context_extensions: CONTEXT,
      },
    })
    assert.equal(answer.kind, 'ok_response')
  })

  it('and logs each check once, without secrets', async () => {
    gate.lines.length = 0
    await present(token)
    await gate.envoy.ask(question({}))
    await authorization(`Bearer ${token},Bearer ${token}`)
    assert.deepEqual(
      gate.lines.map(({ request, decision, reason }) => [request, decision, reason]),
      [
        ['request-1', 'allow', undefined],
        ['request-1', 'deny', 'no_credential'],
        ['request-1', 'deny', 'several_credentials'],
      ],
    )
    const logged = JSON.stringify(gate.lines)
    const secrets = [token, token.split('.')[1] ?? '', opening.share, opening.credential.token]
    for (const secret of secrets) assert.ok(!logged.includes(secret))
  })
})
