import assert from 'node:assert/strict'
import {
  parseRecord,
  readRecord,
  RECORD_VERSION,
  UnreadableRecordError,
  writeRecord,
} from '../../../core/store/record.ts'

describe('A record in Redis', () => {
  it('carries the version of the release that wrote it', () => {
    assert.deepEqual(parseRecord(writeRecord({ a: 1 })), { version: RECORD_VERSION, a: 1 })
    assert.deepEqual(readRecord(writeRecord({ a: 1 })), { a: 1 })
  })

  it('of the release before, which had no version, is read', () => {
    assert.deepEqual(readRecord('{"a":1}'), { a: 1 })
    assert.deepEqual(readRecord('{"a":1,"version":1}'), { a: 1 })
  })

  it('of the release after keeps its version and its new members when it is rewritten', () => {
    const newer = { version: RECORD_VERSION + 1, a: 1, added: ['later'] }
    const read = readRecord(JSON.stringify(newer))
    assert.deepEqual(parseRecord(writeRecord({ ...read, a: 2 })), { ...newer, a: 2 })
  })

  it('of any other version is unavailable, and the error names the versions', () => {
    for (const version of [RECORD_VERSION + 2, 0, -1, 1.5, '2', null, true, [2], { a: 1 }, 1e300]) {
      const text = JSON.stringify({ version, a: 1 })
      assert.throws(() => readRecord(text), UnreadableRecordError, text)
    }
    assert.throws(() => readRecord('{"version":9}'), /version 9, and this release reads 1 to 3/)
  })

  it('that is not a JSON object is unavailable, and the error does not quote it', () => {
    for (const text of ['', 'secret', '[1]', 'null', '"secret"', '{"a":', '7']) {
      assert.throws(() => readRecord(text), { name: 'UnreadableRecordError', message: /not a JSON object/ })
    }
  })
})
