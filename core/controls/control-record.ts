import { z } from 'zod'
import { isBlockEntry } from '../clients/blocked-clients.ts'
import { readRecord, UnreadableRecordError, writeRecord } from '../store/record.ts'

/** The `service` of a stop of the whole gate. */
export const EVERYTHING = 'all'

const setBy = {
  /** Who set it: an administrator's Quilt user name, or what an operator gave as their name. */
  by: z.string(),
  /** Seconds since 1970. */
  at: z.number(),
}
const schema = z.looseObject({
  /** As in CONNECT_BLOCKED_CLIENTS, in lower case. */
  blocked: z.array(
    z.looseObject({
      entry: z.string().refine(isBlockEntry),
      /** Of the blocked client, if an administrator's page showed it. */
      name: z.string().optional(),
      ...setBy,
    }),
  ),
  /** Names of services, or `all`. */
  stopped: z.array(z.looseObject({ service: z.string(), ...setBy })),
  /** Ids of the latest changes, newest last: they tell which of two records follows the other. */
  changes: z.array(z.string()).default([]),
})

/** What operators have blocked and stopped while the services run. */
export type ControlRecord = z.infer<typeof schema>

export const NO_CONTROLS: ControlRecord = { blocked: [], stopped: [], changes: [] }

/** @throws UnreadableRecordError, so that no entry that this release cannot read is ignored */
export function readControls(text: string): ControlRecord {
  if (text === '') return NO_CONTROLS
  const { data } = schema.safeParse(readRecord(text))
  if (data === undefined)
    throw new UnreadableRecordError('the record of blocked clients and stopped services')
  return data
}

export function writeControls(record: ControlRecord): string {
  return writeRecord(record)
}
