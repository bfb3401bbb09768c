import assert from 'node:assert/strict'
import { RecordAlarms } from '../../../consent-ui/metrics/record-alarms.ts'
import { SignedRecords, type RecordName } from '../../../consent-ui/store/signed-records.ts'
import { keyRing, type KeyRing } from '../../../core/keys/keys.ts'
import { createLog } from '../../../core/log/log.ts'
import { MissingKeyError } from '../../../core/keys/missing-key-error.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const NOW = 1_795_500_000
const NAME: RecordName = { kind: 'transaction', storeKey: 'connect:transaction:{a}' }
const CONTENT = { redirectUri: 'https://claude.ai/cb', list: [1, { b: 'c' }] }

describe('A signed record', () => {
  const key = operatorKey('2026-11')
  let lines: { alarm?: string; record?: string; level: string }[]
  let alarms: RecordAlarms

  beforeEach(() => {
    lines = []
    const write = (line: string): void => void lines.push(JSON.parse(line) as (typeof lines)[number])
    alarms = new RecordAlarms(createLog('test', 'info', { write }))
  })

  function recordsOf(ring: KeyRing = ringOf(key), unsignedUntil = 0): SignedRecords {
    return new SignedRecords({ ring, unsignedUntil, alarms, now: () => NOW })
  }

  function assertRefused(text: string, { name = NAME, records = recordsOf() } = {}): void {
    const before = alarms.count(name.kind)
    assert.throws(() => records.read(name, text), { name: 'ShownError', status: 403 }, text)
    assert.equal(alarms.count(name.kind), before + 1)
    const { alarm, record, level } = lines.at(-1) ?? {}
    assert.deepEqual({ alarm, record, level }, { alarm: 'changed_record', record: name.kind, level: 'error' })
  }

  const written = (): Record<string, unknown> =>
    JSON.parse(recordsOf().write(NAME, CONTENT)) as Record<string, unknown>

  it('is read as written and names its signing key', () => {
    assert.deepEqual(recordsOf().read(NAME, recordsOf().write(NAME, CONTENT)), CONTENT)
    assert.match(String(written().mac), /^2026-11\.[A-Za-z0-9_-]{43}$/)
    assert.deepEqual(lines, [])
  })

  it('is readable after a rotation while its key is accepted', () => {
    const text = recordsOf().write(NAME, CONTENT)
    const rotated = recordsOf(ringOf(as('accept', key), operatorKey('2026-12')))
    assert.deepEqual(rotated.read(NAME, text), CONTENT)
  })

  it('is refused with an alarm if a member was changed, added or removed', () => {
    const record = written()
    const without = { ...record, redirectUri: undefined }
    for (const changed of [
      { ...record, redirectUri: 'https://evil.example/cb' },
      { ...record, list: [1, { b: 'd' }] },
      { ...record, more: true },
      without,
    ]) {
      assertRefused(JSON.stringify(changed))
    }
  })

  it('is refused under the key of another record and as another kind of record', () => {
    const text = recordsOf().write(NAME, CONTENT)
    assertRefused(text, { name: { ...NAME, storeKey: 'connect:transaction:{b}' } })
    assertRefused(text, { name: { ...NAME, kind: 'person_link' } })
  })

  it('is refused if another Connect host or another secret signed it', () => {
    const text = recordsOf().write(NAME, CONTENT)
    assertRefused(text, { records: recordsOf(keyRing('https://connect.other', [key])) })
    assertRefused(text, { records: recordsOf(ringOf(operatorKey('2026-11'))) })
  })

  it('is unavailable, not refused, while its key is missing', () => {
    const text = recordsOf().write(NAME, CONTENT)
    for (const use of ['gone', 'registrations'] as const) {
      const others = use === 'gone' ? [] : [as(use, key)]
      const records = recordsOf(ringOf(...others, operatorKey('2026-12')))
      assert.throws(
        () => records.read(NAME, text),
        (error) =>
          error instanceof MissingKeyError && error.message.includes('sealing key 2026-11 is missing'),
      )
    }
    assert.deepEqual(lines, [])
  })

  it('may lack a MAC only until the configured time', () => {
    const text = JSON.stringify(CONTENT)
    assert.deepEqual(recordsOf(ringOf(key), NOW + 1).read(NAME, text), CONTENT)
    assertRefused(text, { records: recordsOf(ringOf(key), NOW) })
    assertRefused(text)
  })

  it('is refused if malformed, also before the configured time', () => {
    const { mac } = written()
    const wrong = ['', 'x', 'null', '[]', '"text"', '7']
    const macs = ['', 'x', '.', `${String(mac)}x`, String(mac).replace('2026-11', '2026 11'), null, 7, {}]
    const records = recordsOf(ringOf(key), NOW + 1)
    for (const text of wrong) assertRefused(text, { records })
    for (const other of macs) assertRefused(JSON.stringify({ ...CONTENT, mac: other }), { records })
  })
})
