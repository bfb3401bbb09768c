import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { ProcessName, ProcessSpec } from '../processes/process-spec.ts'
import type { OrphanGuard } from './orphan-guard.ts'
import { RestartBackoff } from './restart-backoff.ts'

const HEALTH_POLL_MS = 25
const MAX_START_MS = 20_000
const MAX_STOP_MS = 8000
const LAST_LINES = 10

export class ProcessFailed extends Error {
  constructor(name: ProcessName, reason: string) {
    super(`${name} ${reason}`)
    this.name = 'ProcessFailed'
  }
}

export interface SupervisionOptions {
  /** Receives each line of output, and each crash and restart. */
  readonly write: (from: ProcessName, line: string) => void
  readonly announce?: ((from: ProcessName, line: string) => void) | undefined
  readonly orphanGuard: OrphanGuard
  /** Called when the process crashed too often to be restarted. */
  readonly giveUp?: (failure: ProcessFailed) => void
  readonly backoff?: RestartBackoff
}

/** The variables that every process inherits: paths, certificates, locale, Node's cache of compiled files. */
const INHERITED = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_COMPILE_CACHE',
]

export class SupervisedProcess {
  readonly spec: ProcessSpec
  readonly #options: SupervisionOptions
  readonly #backoff: RestartBackoff
  readonly #lastLines: string[] = []
  #child: ChildProcess | undefined
  #launchedAtMs = 0
  #wanted = false

  constructor(spec: ProcessSpec, options: SupervisionOptions) {
    this.spec = spec
    this.#options = options
    this.#backoff = options.backoff ?? new RestartBackoff()
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** @throws ProcessFailed if it ends, or is not healthy in time */
  async start(): Promise<void> {
    this.#wanted = true
    await this.#run()
  }

  async #run(): Promise<void> {
    const ended = this.#launch()
    const deadline = performance.now() + MAX_START_MS
    while (!(await this.#isHealthy())) {
      if (this.#hasEnded()) throw this.#failure('ended before it was ready')
      if (performance.now() > deadline) {
        this.#child?.kill('SIGKILL')
        throw this.#failure(`was not healthy after ${MAX_START_MS / 1000} s`)
      }
      await setTimeout(HEALTH_POLL_MS)
    }
    void ended.then(() => this.#restart())
  }

  /** Simulates a hang: connections stay open, but get no answer. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Simulates a crash without a restart. */
  async kill(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (child === undefined || this.#hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Sends SIGTERM, and SIGKILL if the process does not end in time. */
  async stop(): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (child === undefined || this.#hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const timer = new AbortController()
    const killed = setTimeout(MAX_STOP_MS, undefined, { signal: timer.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
    await ended
    timer.abort()
    await killed
  }

  /** Resolves when the process ends; never if it cannot be run. */
  #launch(): Promise<unknown> {
    const { command, args, environment } = this.spec
    const inherited = Object.fromEntries(INHERITED.map((variable) => [variable, process.env[variable]]))
    const child = spawn(command, args, {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group: the terminal sends Ctrl-C to us only, and we stop the processes in order.
      detached: true,
    })
    child.on('error', (error) => this.#record(`cannot be run: ${error.message}`))
    this.#forward(child.stdout)
    this.#forward(child.stderr)
    if (child.pid !== undefined) this.#options.orphanGuard.hold(child.pid)
    this.#child = child
    this.#launchedAtMs = performance.now()
    return new Promise((resolve) => child.once('exit', resolve))
  }

  async #restart(): Promise<void> {
    const lost = this.spec.lostInCrash === undefined ? '' : `; ${this.spec.lostInCrash}`
    while (this.#isWanted()) {
      const delayMs = this.#backoff.next(performance.now() - this.#launchedAtMs)
      if (delayMs === undefined) {
        this.#giveUp()
        return
      }
      this.#announce(`${this.#exitReason()}; restarting in ${delayMs / 1000} s${lost}`)
      await setTimeout(delayMs)
      if (!this.#isWanted()) return
      try {
        await this.#run()
        this.#announce('is running again')
        return
      } catch (error) {
        this.#options.write(this.spec.name, error instanceof Error ? error.message : 'did not restart')
      }
    }
  }

  #giveUp(): void {
    this.#wanted = false
    this.#options.giveUp?.(this.#failure('crashed too often and is not restarted'))
  }

  #exitReason(): string {
    const { exitCode, signalCode } = this.#child ?? {}
    if (typeof signalCode === 'string') return `was ended by ${signalCode}`
    return typeof exitCode === 'number' ? `exited with status ${exitCode}` : 'is not running'
  }

  #failure(reason: string): ProcessFailed {
    const lines = this.#lastLines.map((line) => `\n  ${line}`).join('')
    return new ProcessFailed(this.spec.name, lines === '' ? reason : `${reason}. Its last lines:${lines}`)
  }

  #isWanted(): boolean {
    return this.#wanted
  }

  async #isHealthy(): Promise<boolean> {
    return await this.spec.isHealthy().catch(() => false)
  }

  #hasEnded(): boolean {
    const child = this.#child
    return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null
  }

  #forward(stream: Readable): void {
    createInterface(stream).on('line', (line) => this.#record(line))
  }

  #record(line: string): void {
    this.#options.write(this.spec.name, line)
    this.#lastLines.push(line)
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift()
  }

  #announce(line: string): void {
    this.#options.write(this.spec.name, line)
    this.#options.announce?.(this.spec.name, line)
  }
}
