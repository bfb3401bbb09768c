import { LRUCache } from 'lru-cache'
import { sha256 } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import type { CountedNetwork } from '../../core/network/client-address.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { KeyStatus } from '../decide/decide-api-key.ts'
import { NetworkLimit, type NetworksOf } from '../limits/network-limit.ts'
import { ANSWER_TIMEOUT_MS, withTimeout } from '../limits/with-timeout.ts'
import { Outages } from '../registry/outages.ts'
import { REGISTRY_BOUNDS } from '../registry/registry-bounds.ts'
import { findingKeyOwners, type FindKeyOwner } from './key-owner.ts'

/** From this age, an answer is renewed in the background. */
const ASK_AFTER_MS = 45_000
/** A revoked key passes no longer. */
const ACCEPTED_FOR_MS = 60_000
const REFUSED_FOR_MS = 10_000
/** After no answer, the Registry is not asked about the same key. */
const UNANSWERED_FOR_MS = 1000
/** Of 32 connections: renewals of known keys never wait for unknown ones. */
const MAX_UNKNOWN_IN_FLIGHT = 16
/** About 300 bytes each. Rejected keys have their own cache, so they never evict accepted ones. */
const MAX_ACCEPTED = 20_000
const MAX_REJECTED = 10_000

interface Accepted {
  readonly name: string
  /** When the Registry was asked; its answer is not newer. */
  readonly askedMs: number
}

interface Rejected {
  readonly status: KeyStatus
  readonly untilMs: number
}

export interface KeyCheckOptions {
  readonly findOwner: FindKeyOwner
  readonly networksOf: NetworksOf
  readonly log: Log
  readonly elapsedMs: () => number
}

export interface KeyOrigin {
  readonly clientAddress: string | undefined
  readonly begunMs: number
}

type Networks = readonly CountedNetwork[]

/** API keys, and the access that the operator gives them. */
export interface ApiKeys {
  readonly checks: KeyChecks
  readonly access: Access
}

interface ApiKeyOptions extends Omit<KeyCheckOptions, 'findOwner'> {
  readonly registryUrl: URL
  readonly observer?: RequestObserver | undefined
}

/** @returns undefined when the operator accepts no API keys */
export function createApiKeys(
  access: Access | 'off',
  { registryUrl, observer, ...options }: ApiKeyOptions,
): ApiKeys | undefined {
  if (access === 'off') return undefined
  return {
    checks: new KeyChecks({
      findOwner: findingKeyOwners(registryUrl, REGISTRY_BOUNDS, observer),
      ...options,
    }),
    access,
  }
}

/** Asks the Registry about API keys and caches its answers by the hash of the key. */
export class KeyChecks {
  readonly #options: KeyCheckOptions
  readonly #accepted = new LRUCache<string, Accepted>({ max: MAX_ACCEPTED })
  readonly #rejected = new LRUCache<string, Rejected>({ max: MAX_REJECTED })
  readonly #lookups = new Map<string, Promise<KeyStatus>>()
  readonly #limit: NetworkLimit
  readonly #outages: Outages
  #unknownInFlight = 0

  constructor(options: KeyCheckOptions) {
    this.#options = options
    this.#limit = new NetworkLimit(options.elapsedMs)
    this.#outages = new Outages(options.log, 'API keys are not checked')
  }

  /** Returns what is known about a key in time. Never rejects. */
  async check(key: string, { clientAddress, begunMs }: KeyOrigin): Promise<KeyStatus> {
    const hash = sha256(key)
    const known = this.#accepted.get(hash)
    if (known !== undefined && this.#ageOf(known) < ASK_AFTER_MS) return acceptedAs(known)
    const networks = known === undefined ? this.#options.networksOf(clientAddress) : undefined
    const found = this.#lookUp(key, hash, networks)
    if (known !== undefined && this.#ageOf(known) < ACCEPTED_FOR_MS) return acceptedAs(known)
    return found instanceof Promise ? await this.#wait(found, begunMs) : found
  }

  #ageOf({ askedMs }: Accepted): number {
    return this.#options.elapsedMs() - askedMs
  }

  #lookUp(key: string, hash: string, networks: Networks | undefined): Promise<KeyStatus> | KeyStatus {
    return this.#rejection(hash) ?? this.#lookups.get(hash) ?? this.#ask(key, hash, networks)
  }

  #rejection(hash: string): KeyStatus | undefined {
    const known = this.#rejected.get(hash)
    return known !== undefined && this.#options.elapsedMs() < known.untilMs ? known.status : undefined
  }

  #ask(key: string, hash: string, networks: Networks | undefined): Promise<KeyStatus> | KeyStatus {
    if (networks !== undefined && !this.#admit(networks)) return { kind: 'not_asked' }
    const answer = this.#answer(key, hash)
    const lookup = networks === undefined ? answer : this.#countUnknown(networks, answer)
    this.#lookups.set(
      hash,
      lookup.finally(() => this.#lookups.delete(hash)),
    )
    return lookup
  }

  #admit(networks: Networks): boolean {
    return this.#unknownInFlight < MAX_UNKNOWN_IN_FLIGHT && this.#limit.take(networks)
  }

  async #countUnknown(networks: Networks, answer: Promise<KeyStatus>): Promise<KeyStatus> {
    this.#unknownInFlight += 1
    const status = await answer
    this.#unknownInFlight -= 1
    if (status.kind === 'accepted') this.#limit.refund(networks)
    return status
  }

  /** Caches the Registry's answer even if no request waits for it any more. Never rejects. */
  async #answer(key: string, hash: string): Promise<KeyStatus> {
    const askedMs = this.#options.elapsedMs()
    try {
      const owner = await this.#options.findOwner(key)
      this.#outages.answered()
      if (owner.kind === 'refused') return this.#reject(hash, owner, REFUSED_FOR_MS)
      this.#accepted.set(hash, { name: owner.name, askedMs })
      return owner
    } catch (error) {
      this.#outages.failed(error)
      return this.#reject(hash, { kind: 'unanswered' }, UNANSWERED_FOR_MS)
    }
  }

  #reject(hash: string, status: KeyStatus, forMs: number): KeyStatus {
    if (status.kind === 'refused') this.#accepted.delete(hash)
    this.#rejected.set(hash, { status, untilMs: this.#options.elapsedMs() + forMs })
    return status
  }

  async #wait(lookup: Promise<KeyStatus>, begunMs: number): Promise<KeyStatus> {
    const leftMs = begunMs + ANSWER_TIMEOUT_MS - this.#options.elapsedMs()
    const late = { kind: 'unanswered' } as const
    return leftMs > 0 ? await withTimeout(leftMs, lookup).catch(() => late) : late
  }
}

function acceptedAs({ name }: Accepted): KeyStatus {
  return { kind: 'accepted', name }
}
