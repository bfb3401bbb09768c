import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { isKeptToolName, MAX_TOOLS_KEPT, reportUse } from '../../core/sessions/session-details.ts'
import type { Store } from '../../core/store/redis.ts'

const TICK_MS = 5000
/** At most one write per session in this time. */
const WRITE_INTERVAL_MS = 60_000
/** Sessions used within one interval; of further ones, the use is not reported. */
const MAX_SESSIONS = 20_000
/** Writes at the same time. */
const BATCH = 100

interface Use {
  usedMs: number
  /** 0 before the first write. */
  writtenMs: number
  readonly tools: Set<string>
}

interface SessionUsesDependencies {
  readonly store: Store
  readonly log: Log
  readonly nowMs: () => number
}

/** When sessions were used, and which tools, for the user's page. Written off the request's path, in batches. */
export class SessionUses {
  readonly #dependencies: SessionUsesDependencies
  readonly #uses = new Map<string, Use>()

  constructor(dependencies: SessionUsesDependencies) {
    this.#dependencies = dependencies
  }

  /** @param tool - that a full session's header names, or that a read-only session's body calls */
  note(session: string, tool?: string): void {
    let use = this.#uses.get(session)
    if (use === undefined) {
      if (this.#uses.size >= MAX_SESSIONS) return
      use = { usedMs: 0, writtenMs: 0, tools: new Set() }
      this.#uses.set(session, use)
    }
    use.usedMs = this.#dependencies.nowMs()
    if (tool !== undefined && use.tools.size < MAX_TOOLS_KEPT && isKeptToolName(tool)) use.tools.add(tool)
  }

  /** @returns what ends it */
  start(): () => Promise<void> {
    const ticks = setInterval(() => void this.report(), TICK_MS)
    return async () => {
      clearInterval(ticks)
      await this.report(0)
    }
  }

  /** Writes each use whose session was not written within the interval. What Redis does not take is lost. */
  async report(intervalMs = WRITE_INTERVAL_MS): Promise<void> {
    const due = this.#takeDue(intervalMs)
    try {
      for (let from = 0; from < due.length; from += BATCH) {
        await Promise.all(due.slice(from, from + BATCH).map((use) => this.#write(use)))
      }
    } catch (error) {
      this.#dependencies.log.info({ reason: describeError(error) }, 'redis: use of sessions not reported')
    }
  }

  #takeDue(intervalMs: number): readonly (readonly [string, number, readonly string[]])[] {
    const now = this.#dependencies.nowMs()
    const due: [string, number, string[]][] = []
    for (const [session, use] of this.#uses) {
      if (now - use.writtenMs < intervalMs) continue
      if (use.usedMs <= use.writtenMs) {
        this.#uses.delete(session)
        continue
      }
      due.push([session, use.usedMs, [...use.tools]])
      use.writtenMs = now
      use.tools.clear()
    }
    return due
  }

  async #write([session, usedMs, tools]: readonly [string, number, readonly string[]]): Promise<void> {
    await reportUse(this.#dependencies.store, session, { at: Math.floor(usedMs / 1000), tools })
  }
}
