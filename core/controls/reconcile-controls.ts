import { randomSecret } from '../keys/hash.ts'
import { readControls, writeControls, type ControlRecord } from './control-record.ts'

const MAX_CHANGES = 100
const CHANGE_ID_CHARACTERS = 12

/** The controls as stored; each change increases the revision. 0: there were never any. */
export interface StoredControls {
  readonly revision: number
  readonly text: string
}

/** Adds a change's id to a record. */
export function withChange(record: ControlRecord): ControlRecord {
  return withChanges(record, [...record.changes, randomSecret().slice(0, CHANGE_ID_CHARACTERS)])
}

/**
 * Compares what a process knows with what Redis has, which may have been emptied, restored from an older snapshot, and
 * changed since. If each has a change that the other lacks, every block and stop of both holds.
 *
 * @returns the text that Redis must have
 * @throws UnreadableRecordError
 */
export function reconcileControls(known: StoredControls, stored: StoredControls): string {
  if (known.revision === 0 || known.text === stored.text) return stored.text
  if (stored.revision === 0) return known.text
  const [ours, theirs] = [readControls(known.text), readControls(stored.text)]
  if (follows(theirs, ours) || stored.revision - known.revision >= MAX_CHANGES) return stored.text
  return follows(ours, theirs) ? known.text : writeControls(merged(ours, theirs))
}

function follows(later: ControlRecord, earlier: ControlRecord): boolean {
  const last = earlier.changes.at(-1)
  return last !== undefined && later.changes.includes(last)
}

function merged(ours: ControlRecord, theirs: ControlRecord): ControlRecord {
  const blocked = new Map([...theirs.blocked, ...ours.blocked].map((block) => [block.entry, block]))
  const stopped = new Map([...theirs.stopped, ...ours.stopped].map((stop) => [stop.service, stop]))
  const record = { ...theirs, blocked: [...blocked.values()], stopped: [...stopped.values()] }
  // With the latest change of each, no process that knows one of them merges again.
  const half = MAX_CHANGES / 2
  return withChange(withChanges(record, [...ours.changes.slice(-half), ...theirs.changes.slice(-half)]))
}

function withChanges(record: ControlRecord, changes: readonly string[]): ControlRecord {
  return { ...record, changes: changes.slice(-MAX_CHANGES) }
}
