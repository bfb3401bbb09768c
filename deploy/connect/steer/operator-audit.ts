import { randomUUID } from 'node:crypto'
import process from 'node:process'
import type { Audit, AuditEntry, DetailValue } from '../../../core/audit/audit-entry.ts'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import type { AuditSettings } from '../../../core/audit/audit-settings.ts'
import type { AuditWriter } from '../../../core/audit/audit-target.ts'
import { createLog } from '../../../core/log/log.ts'
import { UsageError } from '../command.ts'

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
  static async begin(settings: AuditSettings, by: string): Promise<OperatorAudit> {
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
      throw new UsageError(
        `AUDIT_LOG cannot be written (${code}); nothing was changed. In an emergency, run it with AUDIT_LOG=off`,
      )
    }
    return new OperatorAudit(log, by)
  }

  get hasRoom(): boolean {
    return this.#log?.hasRoom ?? true
  }

  record(entry: AuditEntry): void {
    this.#log?.record({ origin: { requestId: this.#requestId }, ...entry })
  }

  /** Records what the operator did, and its outcome. */
  acted(action: string, details: Readonly<Record<string, DetailValue>>): void {
    this.record({
      name: 'AdministratorAction',
      by: 'operator',
      details: { action, operator: this.by, ...details },
    })
  }

  async stop(): Promise<void> {
    await this.#log?.stop()
  }
}
