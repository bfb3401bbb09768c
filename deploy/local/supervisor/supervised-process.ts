import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { OrphanGuard } from './orphan-guard.ts'
import type { ProcessSpec, ProcessName } from '../processes/process-spec.ts'
import { RestartBackoff } from './restart-backoff.ts'

const HEALTH_POLL_MS = 25
const LONGEST_START_MS = 20_000
const LONGEST_STOP_MS = 8000
/** Of its output, shown again when a part is given up. */
const LAST_LINES = 10

/** A part did not come up, or crashed too often. */
export class ProcessFailed extends Error {
  constructor(name: ProcessName, reason: string) {
    super(`${name} ${reason}`)
    this.name = 'ProcessFailed'
  }
}

/** What surrounds a process. */
export interface Surroundings {
  /** Is given each line of its output. */
  readonly write: (from: ProcessName, line: string) => void
  /** Ends it should we be killed. */
  readonly orphanGuard: OrphanGuard
  /** Is told when it crashed so often that it is not started again. */
  readonly giveUp?: (failure: ProcessFailed) => void
  readonly backoff?: RestartBackoff
}

/** Variables of our own environment that every process gets: where programs, certificates and proxies are. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE']

/** Runs one part: starts it, waits until it works, starts it again when it ends by itself, and stops it. */
export class SupervisedProcess {
  readonly part: ProcessSpec
  readonly #surroundings: Surroundings
  readonly #backoff: RestartBackoff
  readonly #lastLines: string[] = []
  #child: ChildProcess | undefined
  #launchedAtMs = 0
  #wanted = false

  constructor(part: ProcessSpec, surroundings: Surroundings) {
    this.part = part
    this.#surroundings = surroundings
    this.#backoff = surroundings.backoff ?? new RestartBackoff()
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** @throws ProcessFailed when it ends, or does not work in time */
  async start(): Promise<void> {
    this.#wanted = true
    await this.#run()
  }

  async #run(): Promise<void> {
    const ended = this.#launch()
    const deadline = performance.now() + LONGEST_START_MS
    while (!(await this.#isHealthy())) {
      if (this.#hasEnded())
        throw new ProcessFailed(this.part.name, 'ended before it was ready: see its lines above')
      if (performance.now() > deadline) {
        this.#child?.kill('SIGKILL')
        throw new ProcessFailed(this.part.name, 'did not become healthy in time')
      }
      await setTimeout(HEALTH_POLL_MS)
    }
    void ended.then(() => this.#startAgain())
  }

  /** Hangs: connections stay open, and nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Ends it at once, as in a crash; it stays down until it is started. */
  async kill(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (child === undefined || this.#hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Asks it to end, and insists after a while. */
  async stop(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (child === undefined || this.#hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const insisting = new AbortController()
    const late = setTimeout(LONGEST_STOP_MS, undefined, { signal: insisting.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
    await ended
    insisting.abort()
    await late
  }

  /** Settles when the process has ended; never where it cannot be run. */
  #launch(): Promise<unknown> {
    const { name, command, args, environment } = this.part
    const inherited = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]))
    const child = spawn(command, args, {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // In a group of its own: Ctrl-C is for us, who end everything in order.
      detached: true,
    })
    child.on('error', (error) => this.#surroundings.write(name, `cannot be run: ${error.message}`))
    this.#forward(child.stdout)
    this.#forward(child.stderr)
    if (child.pid !== undefined) this.#surroundings.orphanGuard.hold(child.pid)
    this.#child = child
    this.#launchedAtMs = performance.now()
    return new Promise((resolve) => child.once('exit', resolve))
  }

  async #startAgain(): Promise<void> {
    const { name, lostInCrash } = this.part
    while (this.#isWanted()) {
      const delayMs = this.#backoff.next(performance.now() - this.#launchedAtMs)
      if (delayMs === undefined) {
        this.#giveUp()
        return
      }
      this.#surroundings.write(name, `has ended, and is started again in ${delayMs / 1000} s`)
      if (lostInCrash !== undefined) this.#surroundings.write(name, lostInCrash)
      await setTimeout(delayMs)
      if (!this.#isWanted()) return
      try {
        await this.#run()
        return
      } catch (error) {
        this.#surroundings.write(name, error instanceof Error ? error.message : 'cannot be started')
      }
    }
  }

  #giveUp(): void {
    this.#wanted = false
    const last = this.#lastLines.map((line) => `\n  ${line}`).join('')
    const reason = `crashed too often, and is not started again. Its last lines:${last}`
    this.#surroundings.giveUp?.(new ProcessFailed(this.part.name, reason))
  }

  #isWanted(): boolean {
    return this.#wanted
  }

  async #isHealthy(): Promise<boolean> {
    return await this.part.isHealthy().catch(() => false)
  }

  #hasEnded(): boolean {
    const child = this.#child
    return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null
  }

  #forward(stream: Readable): void {
    createInterface(stream).on('line', (line) => {
      this.#surroundings.write(this.part.name, line)
      this.#lastLines.push(line)
      if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift()
    })
  }
}
