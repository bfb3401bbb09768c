import { status } from '@grpc/grpc-js'
import { GrpcError } from '../envoy/grpc-handlers.ts'

/** What all answers that are on their way through here may take together, and those of one person. */
interface Most {
  /** As many as Envoy opens (envoy.yaml, cluster authz-answers). */
  readonly answers: number
  /** Each window of each application of a person's may keep one open, for as long as a stream may last. */
  readonly ofOnePerson: number
  /** Held back until they are whole: of the largest, 64 at once. */
  readonly bytes: number
}

const MOST: Most = { answers: 8192, ofOnePerson: 128, bytes: 128 * 1_048_576 }

/** One answer, from its headers to its end. */
export interface OpenAnswer {
  /**
   * So much of it is held back now.
   *
   * @throws GrpcError where all answers together hold too much
   */
  holds(bytes: number): void
  /** To be called once. */
  end(): void
}

/** Counts what is on its way, so that nobody's answers take the room of everybody's. */
export class OpenAnswers {
  readonly #most: Most
  readonly #ofPersons = new Map<string, number>()
  #answers = 0
  #bytes = 0

  constructor(most = MOST) {
    this.#most = most
  }

  /** @throws GrpcError for one too many: whoever asked may come back later */
  begin(person: string): OpenAnswer {
    const ofPerson = this.#ofPersons.get(person) ?? 0
    if (ofPerson >= this.#most.ofOnePerson || this.#answers >= this.#most.answers) {
      throw tooMuch('there are too many answers at once')
    }
    this.#ofPersons.set(person, ofPerson + 1)
    this.#answers += 1
    let held = 0
    const hold = (bytes: number): void => {
      this.#bytes += bytes - held
      held = bytes
    }
    return {
      holds: (bytes) => {
        hold(bytes)
        if (this.#bytes > this.#most.bytes) throw tooMuch('answers hold too much at once')
      },
      end: () => {
        hold(0)
        this.#end(person)
      },
    }
  }

  #end(person: string): void {
    this.#answers -= 1
    const left = (this.#ofPersons.get(person) ?? 0) - 1
    if (left > 0) this.#ofPersons.set(person, left)
    else this.#ofPersons.delete(person)
  }
}

function tooMuch(what: string): GrpcError {
  return new GrpcError(status.RESOURCE_EXHAUSTED, what)
}
