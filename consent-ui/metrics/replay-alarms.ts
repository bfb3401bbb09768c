import { Counter, type Registry } from '@prometheus-io/client'
import type { Log } from '../../core/log/log.ts'
import type { Person } from '../../core/sessions/session.ts'

/** A refresh token that was only refused, that marked its session or that ended it; or a code. */
const REPLAYS = ['refresh_token', 'contested_refresh_token', 'stolen_refresh_token', 'code'] as const

export type Replay = (typeof REPLAYS)[number]

interface Affected {
  readonly clientName: string
  readonly person: Person
}

const MESSAGES: Readonly<Record<Replay, string>> = {
  refresh_token: 'replay: a used refresh token came again and was refused',
  contested_refresh_token:
    'replay: the last used refresh token came from a network of earlier ones and was refused; its session was marked',
  stolen_refresh_token: 'replay: a used refresh token came from another network; its session was ended',
  code: 'replay: a used authorization code came again; its session was ended',
}

/** Logs and counts codes and refresh tokens that are presented after their use. */
export class ReplayAlarms {
  readonly #log: Log
  readonly #counts = new Map<Replay, number>()

  constructor(log: Log) {
    this.#log = log
  }

  raise(replay: Replay, { clientName, person }: Affected): void {
    this.#counts.set(replay, this.count(replay) + 1)
    this.#log.warn({ alarm: 'replay', replay, client: clientName, person: person.name }, MESSAGES[replay])
  }

  /** Since this process started. */
  count(replay: Replay): number {
    return this.#counts.get(replay) ?? 0
  }
}

export function keepReplayMetrics(registry: Registry, alarms: ReplayAlarms): void {
  const counter = new Counter({
    name: 'connect_consent_ui_replays_total',
    help: 'Codes and refresh tokens that were presented again after their use',
    labelNames: ['replay'],
    registers: [registry],
    collect() {
      this.reset()
      for (const replay of REPLAYS) counter.inc({ replay }, alarms.count(replay))
    },
  })
}
