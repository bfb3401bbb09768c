import { randomUUID } from 'node:crypto'
import process from 'node:process'
import type { Audit, AuditEntry, DetailValue } from '../../../core/audit/audit-entry.ts'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import type { AuditSettings } from '../../../core/audit/audit-settings.ts'
import type { AuditWriter } from '../../../core/audit/audit-target.ts'
import { createLog } from '../../../core/log/log.ts'
import { UsageError } from '../command.ts'

const MAX_BEGIN_MS = 5000

/** Standard output is the command's result, so lines for `stdout` go to standard error, in the same container log. */
const TO_STANDARD_ERROR: AuditWriter = {
  isRemote: false,
  write: (lines) =>
    new Promise((resolve, reject) => {
      process.stderr.write(lines.map((line) => `${line}\n`).join(''), (error) =>
        error instanceof Error ? reject(error) : resolve(),
      )
    }),
  close: () => Promise.resolve(),
}

/** The audit log of one command: a chain of its own, with what the operator did. */
export class OperatorAudit implements Audit {
  readonly by: string
  readonly #log: AuditLog | undefined
  /** Joins the lines of one command, as the id of a request joins those of the services. */
  readonly #requestId = randomUUID()

  private constructor(log: AuditLog | undefined, by: string) {
    this.#log = log
    this.by = by
  }

  /** @throws UsageError if the audit log cannot be written: nothing is changed without its line */
  static async begin(settings: AuditSettings, by: string, maxMs = MAX_BEGIN_MS): Promise<OperatorAudit> {
    if (settings === 'off') return new OperatorAudit(undefined, by)
    const log = new AuditLog({
      settings,
      part: 'operator',
      log: createLog('connect', 'error', process.stderr),
      nowMs: () => Date.now(),
      ...(settings.target === 'stdout' ? { writer: TO_STANDARD_ERROR } : {}),
    })
    try {
      await log.begin()
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException
      throw notWritten(`cannot be written (${code})`)
    }
    // A service starts while its collector is down; a command has no time to send its lines later.
    if (!(await log.flush(maxMs))) throw notWritten(`takes no line within ${maxMs / 1000} s`)
    return new OperatorAudit(log, by)
  }

  get hasRoom(): boolean {
    return this.#log?.hasRoom ?? true
  }

  record(entry: AuditEntry): void {
    this.#log?.record({ origin: { requestId: this.#requestId }, ...entry })
  }

  /** Records what the operator did, and its outcome; with a fault, if it failed, maybe halfway. */
  acted(action: string, details: Readonly<Record<string, DetailValue>>, fault?: string): void {
    this.record({
      name: 'AdministratorAction',
      by: 'operator',
      ...(fault === undefined ? {} : { isSuccess: false, reason: fault }),
      details: { action, operator: this.by, ...details },
    })
  }

  /** @returns false if lines were lost */
  async stop(): Promise<boolean> {
    await this.#log?.stop()
    const { lost, waiting } = this.#log?.backlog ?? { lost: 0, waiting: 0 }
    return lost + waiting === 0
  }
}

function notWritten(problem: string): UsageError {
  return new UsageError(
    `AUDIT_LOG ${problem}; nothing was changed. In an emergency, run it with AUDIT_LOG=off`,
  )
}
