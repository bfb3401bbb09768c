import { sha256 } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import type { KeyStanding } from '../decide/decide-api-key.ts'
import { LruMap } from '../limits/lru-map.ts'
import { Outages } from '../registry/outages.ts'
import { ANSWER_WITHIN_MS, within } from '../limits/with-timeout.ts'
import type { FindKeyOwner } from './key-owner.ts'
import type { CountedNetwork } from '../../core/network/client-address.ts'
import type { NetworksOf } from '../limits/networks-of.ts'
import { StrangerLimit } from '../limits/stranger-limit.ts'

/** Older than that, the Registry is asked beside the request's way: the answer is there before it is needed. */
const ASK_AFTER_MS = 45_000
/** A key that was revoked passes no longer than that. */
const ACCEPTED_FOR_MS = 60_000
const REFUSED_FOR_MS = 10_000
/** A Registry that did not answer about a key is left alone with it for so long. */
const UNANSWERED_FOR_MS = 1000
/** Of the 32 questions that may be on their way; what is known already never waits for guesses. */
const MOST_STRANGERS_IN_FLIGHT = 16
/** About 300 bytes each. Kept apart: however many are turned down, none that is good is forgotten for it. */
const ACCEPTED_REMEMBERED = 20_000
const TURNED_DOWN_REMEMBERED = 10_000

interface Accepted {
  readonly name: string
  /** What was true when it was asked may have changed since. */
  readonly askedMs: number
}

interface TurnedDown {
  readonly standing: KeyStanding
  readonly untilMs: number
}

export interface KeyCheckParts {
  readonly findOwner: FindKeyOwner
  readonly networksOf: NetworksOf
  readonly log: Log
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/** Where a key comes from, and since when its request waits. */
export interface Showing {
  /** As Envoy says it; undefined where it does not. */
  readonly clientAddress: string | undefined
  /** When the request came in, by `elapsedMs`. */
  readonly begunMs: number
}

type Stranger = readonly CountedNetwork[]

/** Asks the Registry about API keys that are shown, as seldom as it can. Keys are known by hash alone. */
export class KeyChecks {
  readonly #parts: KeyCheckParts
  readonly #accepted = new LruMap<Accepted>(ACCEPTED_REMEMBERED)
  readonly #turnedDown = new LruMap<TurnedDown>(TURNED_DOWN_REMEMBERED)
  /** One for each key, however many requests show it. */
  readonly #questions = new Map<string, Promise<KeyStanding>>()
  readonly #limit: StrangerLimit
  readonly #outages: Outages
  #strangersInFlight = 0

  constructor(parts: KeyCheckParts) {
    this.#parts = parts
    this.#limit = new StrangerLimit(parts.elapsedMs)
    this.#outages = new Outages(parts.log, 'API keys cannot be checked')
  }

  /** What is known of a key in time. Never rejects. */
  async standing(key: string, { clientAddress, begunMs }: Showing): Promise<KeyStanding> {
    const hash = sha256(key)
    const known = this.#accepted.get(hash)
    if (known !== undefined && this.#ageOf(known) < ASK_AFTER_MS) return goodKeyOf(known)
    const stranger = known === undefined ? this.#parts.networksOf(clientAddress) : undefined
    const found = this.#findOut(key, hash, stranger)
    if (known !== undefined && this.#ageOf(known) < ACCEPTED_FOR_MS) return goodKeyOf(known)
    return found instanceof Promise ? await this.#wait(found, begunMs) : found
  }

  #ageOf({ askedMs }: Accepted): number {
    return this.#parts.elapsedMs() - askedMs
  }

  /** @param stranger - the networks of an unknown key's request; undefined for a key that was good */
  #findOut(key: string, hash: string, stranger: Stranger | undefined): Promise<KeyStanding> | KeyStanding {
    return this.#turnedDownNow(hash) ?? this.#questions.get(hash) ?? this.#ask(key, hash, stranger)
  }

  #turnedDownNow(hash: string): KeyStanding | undefined {
    const known = this.#turnedDown.get(hash)
    return known !== undefined && this.#parts.elapsedMs() < known.untilMs ? known.standing : undefined
  }

  #ask(key: string, hash: string, stranger: Stranger | undefined): Promise<KeyStanding> | KeyStanding {
    if (stranger !== undefined && !this.#mayAskFor(stranger)) return { kind: 'not_asked' }
    const answer = this.#answer(key, hash)
    const question = stranger === undefined ? answer : this.#countStranger(stranger, answer)
    this.#questions.set(
      hash,
      question.finally(() => this.#questions.delete(hash)),
    )
    return question
  }

  async #countStranger(caller: Stranger, answer: Promise<KeyStanding>): Promise<KeyStanding> {
    this.#strangersInFlight += 1
    const standing = await answer
    this.#strangersInFlight -= 1
    if (standing.kind === 'accepted') this.#limit.giveBack(caller)
    return standing
  }

  #mayAskFor(caller: Stranger): boolean {
    return this.#strangersInFlight < MOST_STRANGERS_IN_FLIGHT && this.#limit.take(caller)
  }

  /** What the Registry says, which is remembered whether somebody still waits for it or not. Never rejects. */
  async #answer(key: string, hash: string): Promise<KeyStanding> {
    const askedMs = this.#parts.elapsedMs()
    try {
      const owner = await this.#parts.findOwner(key)
      this.#outages.answered()
      if (owner.kind === 'refused') return this.#turnDown(hash, owner, REFUSED_FOR_MS)
      this.#accepted.set(hash, { name: owner.name, askedMs })
      return owner
    } catch (error) {
      this.#outages.failed(error)
      return this.#turnDown(hash, { kind: 'unanswered' }, UNANSWERED_FOR_MS)
    }
  }

  #turnDown(hash: string, standing: KeyStanding, forMs: number): KeyStanding {
    if (standing.kind === 'refused') this.#accepted.delete(hash)
    this.#turnedDown.set(hash, { standing, untilMs: this.#parts.elapsedMs() + forMs })
    return standing
  }

  async #wait(question: Promise<KeyStanding>, begunMs: number): Promise<KeyStanding> {
    const leftMs = begunMs + ANSWER_WITHIN_MS - this.#parts.elapsedMs()
    const late = { kind: 'unanswered' } as const
    return leftMs > 0 ? await within(leftMs, question).catch(() => late) : late
  }
}

function goodKeyOf({ name }: Accepted): KeyStanding {
  return { kind: 'accepted', name }
}
