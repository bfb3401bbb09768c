import type { IncomingMessage, RequestListener } from 'node:http'
import { listenOnFreePort, type Listening } from '../../support/free-port.ts'

/** A Registry that answers as a test tells it to; until then it knows whatever it is shown as ada's. */
export class ScriptedRegistry {
  /** Every request so far. */
  readonly requests: IncomingMessage[] = []
  readonly #server: Listening
  #answer: RequestListener = ADA

  private constructor(server: Listening) {
    this.#server = server
  }

  static async start(): Promise<ScriptedRegistry> {
    let listener: RequestListener = () => undefined
    const registry = new ScriptedRegistry(await listenOnFreePort((...request) => listener(...request)))
    listener = (request, response) => {
      registry.requests.push(request)
      registry.#answer(request, response)
    }
    return registry
  }

  get url(): URL {
    return new URL(this.#server.origin)
  }

  /** From now on it answers so. */
  answer(answer: RequestListener): void {
    this.#answer = answer
  }

  /** Leaves requests unanswered from now on. */
  hang(): void {
    this.#answer = () => undefined
  }

  /** Stops listening, as if it were down. */
  stop(): void {
    this.#server.stop()
  }
}

/** An answer as JSON. */
export function json(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}

const FACTS = { email: 'ada@example.com', is_staff: false, is_active: true }

export const person = (changes: object = {}): RequestListener =>
  json(200, { current_user: 'ada', ...FACTS, ...changes })
export const ADA = person()
export const REFUSED = json(401, { message: 'Token invalid.' })
