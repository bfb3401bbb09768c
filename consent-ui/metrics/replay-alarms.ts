import type { Log } from '../../core/log/log.ts'
import type { Person } from '../../core/sessions/session.ts'

/** What was shown a second time: a refresh token that does not count, that marked or that ended its session; a code. */
export const REPLAYS = ['refresh_token', 'contested_refresh_token', 'stolen_refresh_token', 'code'] as const

export type Replay = (typeof REPLAYS)[number]

/** Whose tokens they are. */
interface Affected {
  readonly clientName: string
  readonly person: Person
}

const WORDS: Readonly<Record<Replay, string>> = {
  refresh_token: 'a refresh token that was exchanged before was shown again, and refused',
  contested_refresh_token:
    'the last exchanged refresh token came from a network that had earlier ones, and was refused: its session was marked',
  stolen_refresh_token: 'an old refresh token came from another network: its session was ended',
  code: 'a code that was used before was shown again: the session that it opened was ended',
}

/** Says that somebody shows what was used up, and counts how often. */
export class ReplayAlarms {
  readonly #log: Log
  readonly #counts = new Map<Replay, number>()

  constructor(log: Log) {
    this.#log = log
  }

  raise(replay: Replay, { clientName, person }: Affected): void {
    this.#counts.set(replay, this.count(replay) + 1)
    this.#log.warn({ alarm: 'replay', replay, client: clientName, person: person.name }, WORDS[replay])
  }

  /** How often, since this process began. */
  count(replay: Replay): number {
    return this.#counts.get(replay) ?? 0
  }
}
