import assert from 'node:assert/strict'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import { chainKey, readLine, withoutPerson } from '../../../core/audit/chain.ts'
import type { Fault } from '../../../core/audit/verify-chains.ts'
import { createLog } from '../../../core/log/log.ts'
import { until } from '../../support/until.ts'
import { operatorKey, testRing, ORIGIN } from '../support/keys.ts'
import { ManualWriter, verify } from './support/audit.ts'

const key = operatorKey('audit-1')
const keys = testRing(ORIGIN, [key])
const SILENT = createLog('test', 'silent')
const EVENTS = 4

async function chainOf(part: string, { isStopped = true } = {}): Promise<string[]> {
  const writer = new ManualWriter()
  const settings = { target: 'stdout', isRequired: false, keys } as const
  const audit = new AuditLog({ settings, part, log: SILENT, nowMs: () => 1_800_000_000_000, writer })
  await audit.begin()
  for (const name of ['ada', 'bob', 'ada', 'cy']) {
    audit.record({ name: 'SignIn', by: 'user', person: { name }, origin: { address: '192.0.2.7' } })
  }
  await until(() => writer.lines.length === 1 + EVENTS, 'the lines')
  if (isStopped) await audit.stop()
  return writer.lines
}

/** Fault and line number of the only chain. */
function faultOf(
  lines: readonly string[],
  options: { isPartial?: boolean; mayRepeat?: boolean } = {},
): readonly [Fault, number | undefined] | undefined {
  const [{ fault } = {}] = verify(keys, lines, options).chains
  return fault === undefined ? undefined : [fault.fault, fault.at?.lineNumber]
}

describe('The verification of an audit file', () => {
  let lines: string[]
  before(async () => {
    lines = await chainOf('authz')
  })

  it('accepts what was written, also mixed with other processes and other lines', async () => {
    const other = await chainOf('consent-ui')
    const mixed = lines.flatMap((line, index) => [
      line,
      other[index] ?? '',
      '{"message":"a line of the log"}',
    ])
    const { chains, otherLines } = verify(keys, mixed)
    assert.deepEqual(
      chains.map(({ part, provenLines, fault }) => [part, provenLines, fault]),
      [
        ['authz', lines.length, undefined],
        ['consent-ui', lines.length, undefined],
      ],
    )
    assert.equal(otherLines, lines.length)
  })

  it('A01: notices every changed byte of a line, at that line or the next', () => {
    const line = lines[2] ?? ''
    for (let at = 0; at < line.length; at += 1) {
      const changed = line.slice(0, at) + (line[at] === 'x' ? 'y' : 'x') + line.slice(at + 1)
      const [chain] = verify(keys, lines.with(2, changed)).chains
      assert.ok([3, 4].includes(chain?.fault?.at?.lineNumber ?? 0), `byte ${at}: ${changed}`)
    }
  })

  it('notices a line that is written in another way but means the same', () => {
    for (const [from, to] of [
      ['{"', '{ "'],
      ['"ada"', '"\\u0061da"'],
      ['"eventVersion":"1.0",', '"eventVersion":"0","eventVersion":"1.0",'],
    ] as const) {
      const changed = lines.map((line, index) => (index === 1 ? line.replace(from, to) : line))
      assert.deepEqual(verify(keys, changed).damaged, [{ file: 'audit.log', lineNumber: 2 }])
      assert.deepEqual(faultOf(changed), ['removed', 3])
    }
  })

  it('names a value that was changed', () => {
    assert.deepEqual(faultOf(lines.with(2, lines[2]?.replace('"bob"', '"eve"') ?? '')), ['changed', 3])
    const address = lines[2]?.replaceAll('192.0.2.7', '192.0.2.8') ?? ''
    assert.deepEqual(faultOf(lines.with(2, address)), ['changed', 3])
  })

  it('names a line that was removed', () => {
    assert.deepEqual(faultOf(lines.toSpliced(2, 1)), ['removed', 3])
  })

  it('names lines in another order', () => {
    assert.deepEqual(faultOf([...lines.slice(0, 2), lines[3] ?? '', lines[2] ?? '', ...lines.slice(4)]), [
      'reordered',
      3,
    ])
  })

  it('names a line that comes twice', () => {
    assert.deepEqual(faultOf(lines.toSpliced(3, 0, lines[2] ?? '')), ['repeated', 4])
  })

  it('counts lines that a collector was sent again, if the operator says that it may hold them', () => {
    const twice = lines.toSpliced(3, 0, ...lines.slice(1, 3))
    const [chain] = verify(keys, twice, { mayRepeat: true }).chains
    const { fault, provenLines, repeatedLines } = chain ?? {}
    assert.deepEqual([fault, provenLines, repeatedLines], [undefined, lines.length, 2])
    const forged = lines[1]?.replace('"by":"user"', '"by":"client"') ?? ''
    assert.deepEqual(faultOf(lines.toSpliced(3, 0, forged), { mayRepeat: true }), ['repeated', 4])
  })

  it('names a number that was changed', () => {
    assert.deepEqual(faultOf(lines.with(2, lines[2]?.replace('"line":2', '"line":9') ?? '')), ['changed', 3])
  })

  it('names a line of another process that was moved into the chain', async () => {
    const other = await chainOf('authz')
    const process = readLine(lines[0] ?? '')?.place.process ?? ''
    const moved = other[2]?.replace(/"process":"[^"]+"/, `"process":"${process}"`) ?? ''
    assert.deepEqual(faultOf(lines.with(2, moved)), ['changed', 3])
  })

  it('calls lines after the last checkpoint unproven', async () => {
    const [chain] = verify(keys, await chainOf('authz', { isStopped: false })).chains
    assert.deepEqual([chain?.provenLines, chain?.unprovenLines, chain?.hasEnded], [1, EVENTS, false])
  })

  it('does not call a chain ended whose end was cut off', () => {
    const [chain] = verify(keys, lines.slice(0, -1)).chains
    assert.deepEqual([chain?.hasEnded, chain?.unprovenLines], [false, EVENTS])
  })

  it('names a chain that is shorter than the log of its service says', () => {
    const process = readLine(lines[0] ?? '')?.place.process ?? ''
    const logged = (count: number) =>
      `{"level":"info","process":"${process}","lines":${count},"message":"audit: checkpoint"}`
    assert.equal(faultOf([...lines, logged(lines.length)]), undefined)
    assert.deepEqual(faultOf([...lines.slice(0, -1), logged(lines.length)]), ['cut_off', undefined])
    assert.deepEqual(faultOf([logged(lines.length)]), ['cut_off', undefined])
  })

  it('names the key that is missing', () => {
    const { fault } = verify(testRing(ORIGIN, [operatorKey('audit-2')]), lines).chains[0] ?? {}
    assert.deepEqual([fault?.fault, fault?.at?.lineNumber], ['unknown_key', 1])
    assert.match(fault?.explanation ?? '', /audit-1/)
  })

  it('refuses lines under another key of the same name, and of another host', () => {
    for (const ring of [
      testRing(ORIGIN, [operatorKey('audit-1')]),
      testRing('https://other.example', [key]),
    ]) {
      assert.equal(verify(ring, lines).chains[0]?.fault?.fault, 'changed')
    }
  })

  it('begins at a checkpoint only if earlier files may be missing', () => {
    const later = lines.slice(-1)
    assert.deepEqual(faultOf(later), ['beginning_missing', 1])
    assert.equal(faultOf(later, { isPartial: true }), undefined)
    assert.equal(verify(keys, later, { isPartial: true }).chains[0]?.provenLines, 1)
    const forged = later.map((line) => line.replace(/"previous":"./, '"previous":"*'))
    assert.deepEqual(faultOf(forged, { isPartial: true }), ['changed', 1])
  })

  it('still proves lines whose personal data was removed with the key, and counts them', () => {
    const chain = chainKey(keys, key)
    const emptied = lines.map((line, index) =>
      index === 2 ? withoutPerson(chain, readLine(line) as never) : line,
    )
    assert.ok(!emptied[2]?.includes('bob') && !emptied[2]?.includes('192.0.2.7'))
    const { chains } = verify(keys, emptied)
    assert.deepEqual([chains[0]?.fault, chains[0]?.emptiedLines], [undefined, 1])
    assert.equal(chains[0]?.provenLines, lines.length)
  })

  it('names personal data that was removed without the key', () => {
    const other = chainKey(keys, operatorKey('audit-1'))
    const emptied = withoutPerson(other, readLine(lines[2] ?? '') as never)
    assert.deepEqual(faultOf(lines.with(2, emptied)), ['changed', 3])
  })
})
