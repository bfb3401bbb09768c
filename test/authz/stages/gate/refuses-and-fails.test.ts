import assert from 'node:assert/strict'
import { keyRing } from '../../../../core/keys/keys.ts'
import { markSigningKey } from '../../../../core/keys/signing-mark.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import type { Answer } from '../../support/envoy.ts'
import { createSigner, NOW, openSession, ORIGIN, sealingKey } from '../../support/sessions.ts'
import { RECORD_VERSION } from '../../../../core/store/record.ts'
import { startGate } from '../../support/gate.ts'
import { assertUnavailable } from '../../support/verdicts.ts'
import { beforeAll } from '../../../support/before-all.ts'

describe('authz', () => {
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))
  const opening = beforeAll(() => openSession())

  before(async () => {
    token = await gate.issueToken(opening)
  })

  const present = (one: string): Promise<Answer> => gate.envoy.present(one)

  describe('answers 404', () => {
    for (const [what, context_extensions] of [
      ['to a route without a context', undefined],
      ['to a service that is not ours', { service: 'other', path: '/mcp' }],
      ['to a path that is not the service’s', { service: 'platform', path: '/mcp/platform/admin' }],
      ['to a service without a path', { service: 'platform' }],
      ['to a service called constructor', { service: 'constructor', path: 'constructor' }],
    ] as const) {
      it(`${what}, with any token`, async () => {
        for (const headers of [{}, { authorization: `Bearer ${token}` }]) {
          const request = { http: { method: 'POST', headers } }
          const answer = await gate.envoy.ask({ attributes: { request, context_extensions } })
          assert.deepEqual([answer.kind, answer.code, answer.httpStatus], ['denied_response', 5, 404])
          assert.equal(answer.headers.get('content-type'), 'application/json')
          assert.equal(answer.body, '{"error":"not_found"}')
          assert.equal(answer.metadata.reason, 'no_service')
        }
      })
    }

    it('to an empty message', async () => {
      assert.equal((await gate.envoy.ask({})).httpStatus, 404)
      assert.equal((await gate.envoy.ask({ attributes: {} })).httpStatus, 404)
    })
  })

  describe('answers 503', () => {
    it('when CONNECT_SEALING_KEYS lacks the key of a session', async () => {
      const other = openSession({}, { ring: keyRing(ORIGIN, [sealingKey('seal-2', 50)]) })
      await gate.save(other)
      assertUnavailable(await present(await gate.signer.sign(other)), 'sealing_key_missing')
    })

    it('when consent-ui signs with a key that CONNECT_PUBLIC_KEYS lacks, and 401 for a key that signs nothing', async () => {
      const opening = openSession()
      await gate.save(opening)
      const [marked, unmarked] = [await createSigner('deployed-first'), await createSigner('made-up')]
      await markSigningKey(gate.redis, { origin: ORIGIN, keyId: 'deployed-first', seconds: 60 })
      assertUnavailable(await present(await marked.sign(opening)), 'signing_key_missing')
      const refused = await present(await unmarked.sign(opening))
      assert.deepEqual([refused.httpStatus, refused.metadata.reason], [401, 'token_bad_signature'])
      const expired = await present(await marked.sign(opening, { exp: NOW - 1 }))
      assert.equal(expired.httpStatus, 401)
    })

    it('when the Quilt credential is not a header value', async () => {
      for (const bad of ['q\r\nx-evil: 1', 'q\nx', 'q\0', 'q\u00e9']) {
        const broken = openSession({}, { credential: { token: bad, expiresAt: NOW + 60 } })
        await gate.save(broken)
        assertUnavailable(await present(await gate.signer.sign(broken)), 'internal')
      }
    })

    it('when the record in Redis is not a session', async () => {
      const damaged = openSession()
      await gate.save(damaged)
      const damagedToken = await gate.signer.sign(damaged)
      for (const [record, reason] of [
        ['{"id":', 'store_unavailable'],
        ['{}', 'internal'],
        ['null', 'store_unavailable'],
        [JSON.stringify({ ...damaged.session, version: RECORD_VERSION + 2 }), 'store_unavailable'],
      ] as const) {
        await gate.redis.hset(`connect:{${damaged.session.id}}:session`, 'record', record)
        assertUnavailable(await present(damagedToken), reason)
      }
    })

    it('allows a session whose record the next release wrote', async () => {
      const newer = openSession()
      await gate.save(newer)
      const record = JSON.stringify({ ...newer.session, version: RECORD_VERSION + 1, added: true })
      await gate.redis.hset(`connect:{${newer.session.id}}:session`, 'record', record)
      assert.equal((await present(await gate.signer.sign(newer))).kind, 'ok_response')
    })
  })
})
