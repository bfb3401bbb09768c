import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { REGISTRY_BOUNDS } from '../../../authz/registry/registry-bounds.ts'
import { findingKeyOwners, type FindKeyOwner } from '../../../authz/api-keys/key-owner.ts'
import { json, ScriptedRegistry, REFUSED } from '../support/registry.ts'

const KEY = `qk_${'a1b2c3d4e5'.repeat(5)}`
const me = (value: unknown): RequestListener => json(200, { data: { me: value } })

describe('The Registry’s answer about an API key', () => {
  let scripted: ScriptedRegistry
  let findOwner: FindKeyOwner

  beforeEach(async () => {
    scripted = await ScriptedRegistry.start()
    findOwner = findingKeyOwners(scripted.url)
  })

  it('sends the key unchanged with a query for its user', async () => {
    let asked = ''
    scripted.answer((request, response) => {
      request.on('data', (chunk: Buffer) => (asked += chunk.toString()))
      request.on('end', () => me({ name: 'ada' })(request, response))
    })
    assert.deepEqual(await findOwner(KEY), { kind: 'accepted', name: 'ada' })
    const [request] = scripted.requests
    assert.deepEqual([request?.method, request?.url], ['POST', '/graphql'])
    assert.equal(request?.headers.authorization, `Bearer ${KEY}`)
    assert.equal(request.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(asked), { query: 'query { me { name } }' })
  })

  const text = (status: number, body: string, headers = {}): RequestListener => {
    return (_request, response) => void response.writeHead(status, headers).end(body)
  }
  const broken = [{ message: 'The database is gone.' }]
  const outcomes: [what: string, answer: RequestListener, outcome: string][] = [
    ['a person', me({ name: 'ada' }), 'accepted'],
    ['a person beside no errors', json(200, { data: { me: { name: 'ada' } }, errors: [] }), 'accepted'],
    ['no user', me(null), 'refused'],
    ['401', REFUSED, 'refused'],
    ['401 without a body', text(401, ''), 'refused'],
    [
      '403 in the words of old',
      json(403, { message: 'Account is inactive. Must have an active account.' }),
      'refused',
    ],
    ['403 for another reason', json(403, { message: 'Forbidden.' }), 'unanswered'],
    ['no user beside an error', json(200, { data: { me: null }, errors: broken }), 'unanswered'],
    ['a person beside an error', json(200, { data: { me: { name: 'a' } }, errors: broken }), 'unanswered'],
    ['no data', json(200, { data: null, errors: broken }), 'unanswered'],
    ['no me', json(200, { data: {} }), 'unanswered'],
    ['a person without a name', me({}), 'unanswered'],
    ['a person with an empty name', me({ name: '' }), 'unanswered'],
    ['a person with a number for a name', me({ name: 1 }), 'unanswered'],
    ['a person with another status', json(201, { data: { me: { name: 'ada' } } }), 'unanswered'],
    ['a page', text(200, '<html>Maintenance</html>'), 'unanswered'],
    ['nothing', text(200, ''), 'unanswered'],
    ['400', json(400, { errors: broken }), 'unanswered'],
    ['404', json(404, { message: 'Not found.' }), 'unanswered'],
    ['429', json(429, { message: 'Too many requests.' }), 'unanswered'],
    ['500', json(500, { data: { me: null } }), 'unanswered'],
    ['503 of a load balancer', text(503, '<html>'), 'unanswered'],
    ['a redirect', text(307, '', { location: '/elsewhere' }), 'unanswered'],
    ['10 MB', json(200, { data: { me: { name: 'a'.repeat(10_000_000) } } }), 'unanswered'],
    ['the end of the connection', (request) => void request.socket.destroy(), 'unanswered'],
  ]
  for (const [what, answer, outcome] of outcomes) {
    it(`takes ${what} for ${outcome}, and never names the key`, async () => {
      scripted.answer(answer)
      const kind = await findOwner(KEY).then(
        (owner) => owner.kind,
        (error: unknown) => {
          assert.ok(error instanceof Error && !error.message.includes(KEY))
          return 'unanswered'
        },
      )
      assert.equal(kind, outcome)
      assert.equal(scripted.requests.length, 1)
    })
  }

  it('times out', async () => {
    scripted.hang()
    await assert.rejects(findingKeyOwners(scripted.url, { ...REGISTRY_BOUNDS, timeoutMs: 100 })(KEY))
  })
})
