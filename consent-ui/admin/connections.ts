import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import { readSessionDetails } from '../../core/sessions/session-details.ts'
import type { IndexEntry, SessionIndex } from '../../core/sessions/session-index.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { namesOfUser, quiltAddress, quiltUser } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'

const PAGE_SIZE = 50
/** Entries that one page reads at most, when few of them match the filter. */
const MAX_READ = 2000
/** Sessions that are read at the same time. */
const BATCH = 100

/** Empty members match every session. */
export interface ConnectionFilter {
  /** Part of a Quilt user name or an e-mail address. */
  readonly user: string
  /** Part of a client's name, or its fingerprint. */
  readonly client: string
  /** The exact resource. */
  readonly resource: string
}

export interface Connection {
  readonly session: Session
  readonly fingerprint: string
  /** The last use that authz reported, in seconds since 1970. */
  readonly usedAt: number | undefined
}

export interface ConnectionPage {
  readonly connections: readonly Connection[]
  /** The `before` of the next page; undefined after the last one. */
  readonly next: IndexEntry | undefined
}

interface ConnectionsDependencies {
  readonly store: Store
  readonly sessions: SessionStore
  readonly sessionIndex: SessionIndex
  readonly personSessions: PersonSessions
  readonly registryUrl: URL
  readonly now: () => number
}

interface Read {
  readonly entry: IndexEntry
  /** Undefined if it has ended. */
  readonly session: Session | undefined
}

/** Every live session of the organisation. All methods throw if Redis fails. */
export class Connections {
  readonly #dependencies: ConnectionsDependencies

  constructor(dependencies: ConnectionsDependencies) {
    this.#dependencies = dependencies
  }

  /** The newest sessions that match, at most {@link PAGE_SIZE}; fewer if few match, and then more pages may follow. */
  async page(filter: ConnectionFilter, before: IndexEntry | undefined): Promise<ConnectionPage> {
    const found: Session[] = []
    let [last, read] = [before, 0]
    for await (const batch of this.#batches(before)) {
      for (const { entry, session } of batch) {
        if (found.length === PAGE_SIZE || read === MAX_READ) return await this.#pageOf(found, last)
        if (session !== undefined && matches(session, filter)) found.push(session)
        last = entry
        read += 1
      }
    }
    return await this.#pageOf(found, undefined)
  }

  /** Every session that an exact question matches. Reads all sessions of the organisation. */
  async every(isAsked: (session: Session) => boolean): Promise<Session[]> {
    const found: Session[] = []
    for await (const batch of this.#batches(undefined)) {
      found.push(...batch.flatMap(({ session }) => session ?? []).filter(isAsked))
    }
    return found
  }

  /** Every session of a Quilt user, by their addresses too: one list has what the other lost. Reads no other's. */
  async everyOf(name: string): Promise<Session[]> {
    const listed = await this.#listed([quiltUser({ registry: this.#registry, name })])
    const names = listed.flatMap(({ person }) => namesOfUser(this.#registry, person))
    return (await this.#listed(names)).filter(({ person }) => person.name === name)
  }

  /** Every session of the Quilt users with an e-mail address, in any case. Reads all sessions only if no list has any. */
  async everyAt(email: string): Promise<Session[]> {
    const isTheirs = ({ person }: Session): boolean => person.email.toLowerCase() === email.toLowerCase()
    const listed = await this.#listed([quiltAddress({ registry: this.#registry, email })])
    const own = listed.filter(isTheirs)
    // An earlier release made no list by address.
    const theirs = own.length > 0 ? own : await this.every(isTheirs)
    const names = new Set(theirs.map(({ person }) => person.name))
    const ofEach = await Promise.all([...names].map((name) => this.everyOf(name)))
    return once([...theirs, ...ofEach.flat()])
  }

  async find(id: string): Promise<Session | undefined> {
    const session = await this.#dependencies.sessions.find(id)
    return session === undefined || !this.#isLive(session) ? undefined : session
  }

  get #registry(): string {
    return this.#dependencies.registryUrl.origin
  }

  /** The live sessions in lists of {@link PersonSessions}, each once. */
  async #listed(lists: readonly string[]): Promise<Session[]> {
    const { personSessions, now } = this.#dependencies
    const found: Session[] = []
    for (const list of new Set(lists)) {
      const entries = await personSessions.of(list)
      for (let from = 0; from < entries.length; from += BATCH) {
        const read = await this.#readAll(entries.slice(from, from + BATCH))
        await personSessions.forget(list, goneOf(read), now())
        found.push(...read.flatMap(({ session }) => session ?? []))
      }
    }
    return once(found)
  }

  async *#batches(before: IndexEntry | undefined): AsyncGenerator<readonly Read[]> {
    const { sessionIndex, now } = this.#dependencies
    let next = before
    do {
      const page = await sessionIndex.page({ limit: BATCH, ...(next === undefined ? {} : { before: next }) })
      const read = await this.#readAll(page.entries)
      await sessionIndex.forget(goneOf(read), now())
      yield read
      next = page.next
    } while (next !== undefined)
  }

  async #readAll(entries: readonly IndexEntry[]): Promise<Read[]> {
    return await Promise.all(entries.map(async (entry) => ({ entry, session: await this.find(entry.id) })))
  }

  #isLive({ expiresAt }: Session): boolean {
    return expiresAt > this.#dependencies.now()
  }

  async #pageOf(found: readonly Session[], next: IndexEntry | undefined): Promise<ConnectionPage> {
    return { connections: await Promise.all(found.map((session) => this.#connection(session))), next }
  }

  async #connection(session: Session): Promise<Connection> {
    const { use } = await readSessionDetails(this.#dependencies.store, session.id)
    return { session, fingerprint: fingerprintOf(session.clientId), usedAt: use?.at }
  }
}

function goneOf(read: readonly Read[]): IndexEntry[] {
  return read.filter(({ session }) => session === undefined).map(({ entry }) => entry)
}

/** Each session once. */
export function once(sessions: readonly Session[]): Session[] {
  return [...new Map(sessions.map((session) => [session.id, session])).values()]
}

function matches(session: Session, { user, client, resource }: ConnectionFilter): boolean {
  const { person, clientName, clientId } = session
  return (
    [person.name, person.email].some((text) => includes(text, user)) &&
    (includes(clientName, client) || fingerprintOf(clientId) === client.toLowerCase()) &&
    (resource === '' || session.resource === resource)
  )
}

function includes(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase())
}
