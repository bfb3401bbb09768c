import type { KeyObject } from 'node:crypto'
import type { KeyRing } from '../keys/keys.ts'
import { chainKey, isGenuine, readLine, type ChainPlace, type LineParts } from './chain.ts'

/** Where a line stands. */
export interface LinePosition {
  readonly file: string
  readonly lineNumber: number
}

export type Fault =
  | 'changed'
  | 'removed'
  | 'reordered'
  | 'repeated'
  | 'unknown_key'
  | 'beginning_missing'
  /** The service's log names more lines than there are. */
  | 'cut_off'

interface ChainFault {
  readonly fault: Fault
  readonly explanation: string
  /** Undefined if lines are missing at the end. */
  readonly at: LinePosition | undefined
}

/** The lines of one process. */
export interface ChainReport {
  readonly process: string
  /** `authz` or `consent-ui`; undefined if no line said so. */
  readonly part: string | undefined
  /** Up to the last checkpoint: none was removed, changed or reordered. */
  readonly provenLines: number
  /** After it: genuine, but later ones may have been removed. */
  readonly unprovenLines: number
  /** The process stopped cleanly, and nothing came after. */
  readonly hasEnded: boolean
  /** Lines whose personal data was removed. */
  readonly emptiedLines: number
  /** Lines that were there twice. */
  readonly repeatedLines: number
  /** The first one. */
  readonly fault: ChainFault | undefined
}

export interface VerifyOptions {
  readonly keys: KeyRing
  /** Earlier files may be missing: a chain may begin at any checkpoint. */
  readonly isPartial: boolean
  /** Lines may be there twice, as a collector keeps them if an answer or a connection was lost. */
  readonly mayRepeat: boolean
}

export interface Verification {
  readonly chains: readonly ChainReport[]
  /** Audit lines that cannot be read. */
  readonly damaged: readonly LinePosition[]
  /** Lines of other kinds, such as those of the service's log. */
  readonly otherLines: number
}

/** Checks lines in the order of their files. Lines of several processes may be mixed. */
export class ChainVerifier {
  readonly #options: VerifyOptions
  readonly #chains = new Map<string, Chain>()
  readonly #logged = new Map<string, number>()
  readonly #damaged: LinePosition[] = []
  #otherLines = 0

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  read(text: string, at: LinePosition): void {
    const parts = readLine(text)
    if (parts !== undefined) this.#chainOf(parts.place.process).read(parts, at)
    else if (text.includes(AUDIT_MARK)) this.#damaged.push(at)
    else this.#readOther(text)
  }

  result(): Verification {
    for (const [process, lines] of this.#logged) this.#chainOf(process).requireLines(lines)
    return {
      chains: [...this.#chains].map(([process, chain]) => ({ process, ...chain.report() })),
      damaged: this.#damaged,
      otherLines: this.#otherLines,
    }
  }

  #chainOf(process: string): Chain {
    const chain = this.#chains.get(process) ?? new Chain(this.#options)
    this.#chains.set(process, chain)
    return chain
  }

  /** The service's log tells each checkpoint too. A forged one can only raise an alarm. */
  #readOther(text: string): void {
    this.#otherLines += 1
    const [, process, lines] = LOGGED_CHECKPOINT.exec(text) ?? []
    if (process === undefined) return
    this.#logged.set(process, Math.max(Number(lines), this.#logged.get(process) ?? 0))
  }
}

/** Only audit lines begin so (audit-event.ts). */
const AUDIT_MARK = '"eventSource":"QuiltConnect"'
const LOGGED_CHECKPOINT = /"process":"([-\w]{36})","lines":(\d{1,15}),"message":"audit: checkpoint"/

/** More lines than are sent again together. */
const MAX_REPEATABLE = 1000

class Chain {
  readonly #options: VerifyOptions
  #key: KeyObject | undefined
  #part: string | undefined
  #previous = ''
  /** The number that the next line must have. */
  #next = 0
  #begin = 0
  #provenEnd = 0
  #emptied = 0
  #repeated = 0
  /** MAC of the line before, by line. */
  readonly #recent = new Map<number, string>()
  #hasEnded = false
  #fault: ChainFault | undefined
  /** A line was expected, and a later one came. */
  #gap: { readonly expected: number; readonly at: LinePosition } | undefined

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  read(parts: LineParts, at: LinePosition): void {
    const { place, seal } = parts
    if (this.#gap !== undefined) this.#explainGap(place)
    if (this.#fault !== undefined || this.#gap !== undefined) return
    if (this.#key === undefined && !this.#startAt(place, at)) return
    if (place.line > this.#next) {
      this.#gap = { expected: this.#next, at }
    } else if (place.line < this.#next) {
      this.#readEarlier(parts, at)
    } else if (this.#key === undefined || !isGenuine(this.#key, this.#previous, parts)) {
      this.#fail('changed', 'the line was changed', at)
    } else this.#accept(parts, seal.mac)
  }

  #readEarlier(parts: LineParts, at: LinePosition): void {
    const { line } = parts.place
    const previous = this.#recent.get(line)
    const isRepeat =
      this.#key !== undefined && previous !== undefined && isGenuine(this.#key, previous, parts)
    if (this.#options.mayRepeat && isRepeat) this.#repeated += 1
    else this.#fail('repeated', `line ${line} of this process came before`, at)
  }

  /** @param lines - how many there were at a checkpoint, according to the service's log */
  requireLines(lines: number): void {
    if (this.#fault !== undefined || this.#gap !== undefined || this.#next >= lines) return
    const explanation = `the service's log names ${lines} lines, but only ${this.#next} are there`
    this.#fail('cut_off', explanation, undefined)
  }

  report(): Omit<ChainReport, 'process'> {
    if (this.#gap !== undefined) this.#fail('removed', missing(this.#gap.expected), this.#gap.at)
    return {
      part: this.#part,
      provenLines: this.#provenEnd - this.#begin,
      unprovenLines: this.#next - this.#provenEnd,
      hasEnded: this.#hasEnded,
      emptiedLines: this.#emptied,
      repeatedLines: this.#repeated,
      fault: this.#fault,
    }
  }

  /** @returns false if the chain cannot begin with this line */
  #startAt({ line, anchor }: ChainPlace, at: LinePosition): boolean {
    if (line > 0 && !this.#options.isPartial) {
      const advice = 'give earlier files too, or --partial if they were deleted'
      this.#fail('beginning_missing', `lines 0 to ${line - 1} of this process are missing: ${advice}`, at)
    }
    if (this.#fault !== undefined || anchor === undefined) {
      if (line === 0) this.#fail('changed', 'the first line names no key', at)
      return false
    }
    const { keys } = this.#options
    const key = keys.all.find(({ id }) => id === anchor.key)
    if (key === undefined) {
      this.#fail('unknown_key', `key ${anchor.key} is not in AUDIT_KEYS: add it with the use "accept"`, at)
      return false
    }
    this.#key = chainKey(keys, key)
    this.#part = anchor.part
    this.#previous = anchor.previous
    this.#begin = this.#next = this.#provenEnd = line
    return true
  }

  #accept({ place, personal, common }: LineParts, mac: string): void {
    this.#recent.set(place.line, this.#previous)
    this.#recent.delete(place.line - MAX_REPEATABLE)
    this.#previous = mac
    this.#next = place.line + 1
    if (personal === undefined) this.#emptied += 1
    this.#hasEnded = common.includes('"eventName":"Connect.AuditEnded"')
    if (place.anchor !== undefined) this.#provenEnd = this.#next
  }

  /** The lines after a gap tell what happened. */
  #explainGap({ line }: ChainPlace): void {
    const { expected, at } = this.#gap ?? {}
    if (expected === undefined || at === undefined) return
    if (line === expected) this.#fail('reordered', `line ${expected} of this process comes later`, at)
    else if (line === expected + 1 && this.#fault === undefined) {
      this.#fail('changed', `its number was changed: it must be ${expected}`, at)
    } else return
    this.#gap = undefined
  }

  #fail(fault: Fault, explanation: string, at: LinePosition | undefined): void {
    this.#fault ??= { fault, explanation, at }
  }
}

function missing(expected: number): string {
  return `line ${expected} of this process is missing before it`
}
