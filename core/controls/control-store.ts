import { BLOCK_ENTRY, isBlockEntry, normalBlockEntry } from '../clients/blocked-clients.ts'
import { sha256 } from '../keys/hash.ts'
import type { Store } from '../store/redis.ts'
import { evalReplicated, type Replication } from '../store/replication.ts'
import { readControls, writeControls, type ControlRecord } from './control-record.ts'
import { reconcileControls, withChange, type StoredControls } from './reconcile-controls.ts'

/** Channel with the names of changes; each process reads the controls again and acknowledges. */
export const CONTROL_CHANGES = 'connect:controls'
/** Each running service extends it each second. */
const LIFETIME_SECONDS = 400 * 86_400
/** Each process reads all of them each second. */
const MAX_ENTRIES = 500
const MAX_ATTEMPTS = 10

export const NOTHING_STORED: StoredControls = { revision: 0, text: '' }

/** Who makes a change, when (seconds since 1970), and the name of the change in its acknowledgements. */
export interface ControlChange {
  readonly by: string
  readonly at: number
  readonly change: string
}

export type ControlOutcome =
  | Replication
  /** It was so already. */
  | 'unchanged'

/** The change would not be what the operator means. The message says why. */
export class ControlError extends Error {
  constructor(problem: string) {
    super(problem)
    this.name = 'ControlError'
  }
}

/**
 * Blocked clients and stopped services of a Connect host, set while the services run. Every method throws when Redis
 * cannot answer. A change is published in the same script; made again, it is only published.
 */
export class ControlStore {
  readonly #redis: Store
  readonly #key: string

  /** @param origin - of the Connect host; others in the same Redis have their own controls */
  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#key = `connect:controls:${sha256(origin)}`
  }

  /** @throws UnreadableRecordError */
  async read(): Promise<ControlRecord> {
    return readControls((await this.#load()).text)
  }

  /** Reads the controls. If Redis has lost changes that the caller knows, they are written again. */
  async sync(known: StoredControls = NOTHING_STORED): Promise<StoredControls & { wasLost: boolean }> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const stored = await this.#load()
      const text = reconcileControls(known, stored)
      if (text === stored.text) return { ...stored, wasLost: false }
      const revision = Math.max(known.revision, stored.revision + 1)
      const args = [stored.revision, revision, text, LIFETIME_SECONDS]
      if ((await this.#redis.eval(WRITE, 1, this.#key, ...args)) === 1) {
        return { revision, text, wasLost: true }
      }
    }
    throw changedByOthers()
  }

  async #load(): Promise<StoredControls> {
    const found = (await this.#redis.eval(LOAD, 1, this.#key, LIFETIME_SECONDS)) as (string | null)[]
    return { revision: Number(found[0] ?? 0), text: found[1] ?? '' }
  }

  /** @param text - as an entry of CONNECT_BLOCKED_CLIENTS. @param name - of the client. @throws ControlError */
  async blockClient(
    text: string,
    { by, at, change, name }: ControlChange & { readonly name?: string | undefined },
  ): Promise<ControlOutcome> {
    const entry = normalBlockEntry(text)
    if (!isBlockEntry(entry)) throw new ControlError(`"${text}" must be ${BLOCK_ENTRY}`)
    return await this.#change(change, (record) =>
      record.blocked.some((block) => block.entry === entry)
        ? undefined
        : { ...record, blocked: bounded([...record.blocked, { entry, name, by, at }]) },
    )
  }

  async unblockClient(text: string, { change }: Pick<ControlChange, 'change'>): Promise<ControlOutcome> {
    const entry = normalBlockEntry(text)
    return await this.#change(change, (record) => {
      const blocked = record.blocked.filter((block) => block.entry !== entry)
      return blocked.length === record.blocked.length ? undefined : { ...record, blocked }
    })
  }

  /** @param service - its name, or `all` for the whole gate */
  async stop(service: string, { by, at, change }: ControlChange): Promise<ControlOutcome> {
    return await this.#change(change, (record) =>
      record.stopped.some((stop) => stop.service === service)
        ? undefined
        : { ...record, stopped: bounded([...record.stopped, { service, by, at }]) },
    )
  }

  /** @param service - as in {@link stop}; `all` ends only a stop of the whole gate */
  async start(service: string, { change }: Pick<ControlChange, 'change'>): Promise<ControlOutcome> {
    return await this.#change(change, (record) => {
      const stopped = record.stopped.filter((stop) => stop.service !== service)
      return stopped.length === record.stopped.length ? undefined : { ...record, stopped }
    })
  }

  async #change(
    change: string,
    edit: (record: ControlRecord) => ControlRecord | undefined,
  ): Promise<ControlOutcome> {
    const message = JSON.stringify({ change })
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { revision, text } = await this.#load()
      const edited = edit(readControls(text))
      if (edited === undefined) {
        await this.#redis.publish(CONTROL_CHANGES, message)
        return 'unchanged'
      }
      const written = [revision, revision + 1, writeControls(withChange(edited)), LIFETIME_SECONDS]
      const args = [...written, CONTROL_CHANGES, message].map(String)
      const { result, replication } = await evalReplicated(this.#redis, WRITE, { key: this.#key, args })
      if (result === 1) return replication
    }
    throw changedByOthers()
  }
}

function changedByOthers(): Error {
  return new Error(`redis: the controls were changed by others during each of ${MAX_ATTEMPTS} attempts`)
}

function bounded<Entry>(entries: readonly Entry[]): Entry[] {
  if (entries.length <= MAX_ENTRIES) return [...entries]
  throw new ControlError(
    `Redis holds at most ${MAX_ENTRIES} of them; move some to CONNECT_BLOCKED_CLIENTS or CONNECT_STOP`,
  )
}

/** Reads the controls, and extends their life. */
const LOAD = `#!lua flags=allow-oom
redis.call('EXPIRE', KEYS[1], ARGV[1])
return redis.call('HMGET', KEYS[1], 'revision', 'record')
`

/** Replaces the controls, unless they have changed, and publishes the change if it has a message. */
const WRITE = `#!lua flags=allow-oom
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or 0)
if revision ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'record', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if ARGV[5] then redis.call('PUBLISH', ARGV[5], ARGV[6]) end
return 1
`
