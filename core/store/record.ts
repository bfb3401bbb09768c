import { parseJson } from '../http/parse-json.ts'

/**
 * Version of the records that this release writes. A release reads records of the release before, so that a deployment
 * can roll forward, and of the release after, so that it can roll back. See core/storage.md.
 */
export const RECORD_VERSION = 2
/** Records of this version have no `version`. Some live for 400 days. */
const OLDEST_VERSION = 1
const NEWEST_VERSION = RECORD_VERSION + 1
const MAX_SHOWN_CHARACTERS = 20

/** A record that this release cannot read: unavailable (503), since another release can. */
export class UnreadableRecordError extends Error {
  constructor(problem: string) {
    super(`redis: ${problem}`)
    this.name = 'UnreadableRecordError'
  }
}

/** Writes a record as JSON. The content of a newer record keeps its version. */
export function writeRecord(content: object): string {
  return JSON.stringify({ version: RECORD_VERSION, ...content })
}

/** Reads a record with all its members; a rewrite keeps those of a newer release. @throws UnreadableRecordError */
export function readRecord(text: string): object {
  const record = parseRecord(text)
  if (record === undefined) throw new UnreadableRecordError('a record is not a JSON object')
  return contentOf(record)
}

/** Parses a record without judging its version; undefined if it is not a JSON object. */
export function parseRecord(text: string): object | undefined {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** The members of a record; its version only if that is a newer one. @throws UnreadableRecordError */
export function contentOf(record: object): object {
  const { version = OLDEST_VERSION, ...content } = record as { readonly version?: unknown }
  if (version === NEWEST_VERSION) return record
  if (version === RECORD_VERSION || version === OLDEST_VERSION) return content
  const shown = JSON.stringify(version).slice(0, MAX_SHOWN_CHARACTERS)
  throw new UnreadableRecordError(
    `a record has version ${shown}, and this release reads ${OLDEST_VERSION} to ${NEWEST_VERSION}; deploy the release that wrote it`,
  )
}
