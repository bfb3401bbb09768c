import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  readAcknowledgement,
  readConsentUiHeartbeat,
  readSessionMessage,
} from '../../../core/sessions/session-changes.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { BEAT, sessionChangesContract } from '../../support/store-contract/session-changes.ts'

describe('Messages about sessions', () => {
  it('name a changed session or a live authz process', () => {
    assert.deepEqual(readSessionMessage('{"session":"s","change":"c"}'), { session: 's', change: 'c' })
    assert.deepEqual(readSessionMessage(JSON.stringify(BEAT)), BEAT)
    assert.deepEqual(readAcknowledgement('{"change":"c","by":"authz-1"}'), { change: 'c', by: 'authz-1' })
  })

  it('distinguish a heartbeat of consent-ui from an acknowledgement', () => {
    assert.deepEqual(readConsentUiHeartbeat('{"heartbeat":"c"}'), { heartbeat: 'c' })
    assert.equal(readAcknowledgement('{"heartbeat":"c"}'), undefined)
    assert.equal(readConsentUiHeartbeat('{"change":"c","by":"authz-1"}'), undefined)
  })

  it('are undefined when malformed', () => {
    for (const text of ['', 'null', '{', '[]', '{"session":"s"}', '{"beat":1}', '{"by":"a"}', '"session"']) {
      assert.equal(readSessionMessage(text), undefined, text)
      assert.equal(readAcknowledgement(text), undefined, text)
    }
  })

  it('never end the process that receives them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.equal(readSessionMessage(text), undefined)
        assert.equal(readAcknowledgement(text), undefined)
      }),
    )
  })
})

onEachStore('Beats and acknowledgements', sessionChangesContract)
