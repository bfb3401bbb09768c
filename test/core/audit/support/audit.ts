import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { Audit, AuditEntry } from '../../../../core/audit/audit-entry.ts'
import { eventOf, type AuditEvent } from '../../../../core/audit/audit-event.ts'
import type { AuditWriter } from '../../../../core/audit/audit-target.ts'
import { auditEvent } from '../../../../core/audit/audit-schema.ts'
import { ChainVerifier, type Verification } from '../../../../core/audit/verify-chains.ts'
import { keyList, keyRing, newSecret, type KeyRing } from '../../../../core/keys/keys.ts'

/** Keeps lines in memory; fails as often as it is told. */
export class ManualWriter implements AuditWriter {
  readonly isRemote: boolean
  readonly lines: string[] = []
  failures = 0

  constructor({ isRemote = false } = {}) {
    this.isRemote = isRemote
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  write(lines: readonly string[]): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1
      return Promise.reject(new Error('ENOSPC: no space left on device'))
    }
    this.lines.push(...lines)
    return Promise.resolve()
  }

  /** Names of the events without their prefix. */
  names(): string[] {
    return this.lines.map((line) =>
      (JSON.parse(line) as { eventName: string }).eventName.replace('Connect.', ''),
    )
  }
}

export function verify(
  keys: KeyRing,
  lines: readonly string[],
  { isPartial = false, mayRepeat = false } = {},
): Verification {
  const verifier = new ChainVerifier({ keys, isPartial, mayRepeat })
  lines.forEach((line, index) => verifier.read(line, { file: 'audit.log', lineNumber: index + 1 }))
  return verifier.result()
}

/** Collects events, each held to the schema. */
export class CollectedAudit implements Audit {
  readonly events: AuditEvent[] = []
  hasRoom = true

  record(entry: AuditEntry): void {
    const { common, personal } = eventOf(entry, { part: 'test', timeMs: 1_800_000_000_123 })
    const written = JSON.parse(JSON.stringify({ ...common, ...personal })) as unknown
    this.events.push(auditEvent.parse(written))
  }

  /** Names without their prefix, each with the reason of a failure. */
  names(): string[] {
    return this.events.map(({ eventName, errorCode }) =>
      [eventName.replace('Connect.', ''), errorCode].filter((part) => part !== null).join(' '),
    )
  }

  last(): AuditEvent {
    const event = this.events.at(-1)
    if (event === undefined) throw new Error('no event')
    return event
  }

  text(): string {
    return JSON.stringify(this.events)
  }
}

/** AUDIT_KEYS with one new key. */
export function newAuditKeys(): string {
  return JSON.stringify([{ id: 'audit-1', secret: newSecret('audit'), use: 'sign' }])
}

/** The names of the events in a file of one process, which must be proven, ended, and as the schema says. */
export async function provenEvents(path: string, origin: string, auditKeys: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  const { chains } = verify(keyRing(origin, keyList('audit').parse(auditKeys)), lines)
  assert.deepEqual(
    chains.map(({ fault, hasEnded, provenLines }) => [fault, hasEnded, provenLines]),
    [[undefined, true, lines.length]],
  )
  return lines.map((line) => {
    const { chain, ...event } = JSON.parse(line) as { chain: object }
    assert.ok('mac' in chain)
    return auditEvent.parse(event).eventName.replace('Connect.', '')
  })
}
