import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { McpService } from '../../core/services/service.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import type { BackgroundWork } from '../http/background-work.ts'
import { listTools, type ToolList } from './list-tools.ts'

interface ToolListsParts {
  readonly inBackground: BackgroundWork
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
}

/** After a timeout: a service that hangs must not delay each consent page. */
const RETRY_SECONDS = 60

/**
 * Tools of MCP servers, for the consent page. No list is kept: a service may list other tools for another user or role,
 * and a description may name what only that user may know.
 */
export class ToolLists {
  readonly #parts: ToolListsParts
  /** By service: when it may be asked again. */
  readonly #retryAt = new Map<string, number>()

  constructor(parts: ToolListsParts) {
    this.#parts = parts
  }

  /** Asks with the user's own credential. @returns undefined if the service does not answer in time */
  async of(service: McpService, credential: QuiltCredential): Promise<ToolList | undefined> {
    const { inBackground, log, now } = this.#parts
    if ((this.#retryAt.get(service.name) ?? 0) > now()) return undefined
    try {
      return await listTools(service, credential, (ended) => {
        inBackground.begin('service: end of the consent page’s MCP session', ended)
      })
    } catch (error) {
      if (isTimeout(error)) this.#retryAt.set(service.name, now() + RETRY_SECONDS)
      const facts = { service: service.name, reason: describeError(error, [credential.token]) }
      log.info(facts, 'service: tools not listed for the consent page')
      return undefined
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
