import { status } from '@grpc/grpc-js'
import { GrpcError } from '../envoy/grpc-handlers.ts'

/** Max of all answers together, and of one user's. */
interface Limits {
  /** Envoy opens no more (envoy.yaml, cluster authz-answers). */
  readonly answers: number
  /** Every window of an application may keep a stream open. */
  readonly perUser: number
  /** Held until their documents are complete; enough for 64 of the largest. */
  readonly bytes: number
}

const LIMITS: Limits = { answers: 8192, perUser: 128, bytes: 128 * 1_048_576 }

/** One counted answer. */
export interface OpenAnswer {
  /** @throws GrpcError when all answers together hold too many bytes */
  setHeldBytes(bytes: number): void
  /** Call it once. */
  end(): void
}

/** Counts open answers, so that one user cannot block the others. */
export class OpenAnswers {
  readonly #limits: Limits
  readonly #perUser = new Map<string, number>()
  #answers = 0
  #bytes = 0

  constructor(limits = LIMITS) {
    this.#limits = limits
  }

  /** @throws GrpcError when too many are open; the client may try again later */
  begin(user: string): OpenAnswer {
    const open = this.#perUser.get(user) ?? 0
    if (open >= this.#limits.perUser || this.#answers >= this.#limits.answers) {
      throw exhausted('too many open answers')
    }
    this.#perUser.set(user, open + 1)
    this.#answers += 1
    let held = 0
    const hold = (bytes: number): void => {
      this.#bytes += bytes - held
      held = bytes
    }
    return {
      setHeldBytes: (bytes) => {
        hold(bytes)
        if (this.#bytes > this.#limits.bytes) throw exhausted('open answers hold too many bytes')
      },
      end: () => {
        hold(0)
        this.#end(user)
      },
    }
  }

  #end(user: string): void {
    this.#answers -= 1
    const left = (this.#perUser.get(user) ?? 0) - 1
    if (left > 0) this.#perUser.set(user, left)
    else this.#perUser.delete(user)
  }
}

function exhausted(message: string): GrpcError {
  return new GrpcError(status.RESOURCE_EXHAUSTED, message)
}
