import { EventEmitter, once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeAfterAll } from '../../../support/close-after-all.ts'

/** A user who repeats one request. */
export interface LoadUser {
  readonly name: string
  /** Absent for a caller without a token. */
  readonly token?: string
  readonly method: string
  readonly params: object
}

export interface Outcome {
  readonly user: string
  /** Of the JSON-RPC message, in the order of sending. */
  readonly id: number
  readonly phase: string
  readonly sentMs: number
  readonly endedMs: number
  /** 0 where the connection broke. */
  readonly status: number
  readonly answeredId?: unknown
  readonly refused?: boolean
}

type Answer = Pick<Outcome, 'status' | 'answeredId' | 'refused'>

const MAX_IN_FLIGHT = 1000
/** Ends the load if the test does not. */
const MAX_MS = 90_000
const TICK_MS = 5

/** Sends requests at a fixed rate, whatever becomes of those before (an open loop), each user in turn. */
export class Load {
  readonly outcomes: Outcome[] = []
  /** Where requests are counted that are sent from now on. */
  phase = 'before'
  /** How late the latest request was sent: it shows that the load itself was in time. */
  latestMs = 0
  /** Requests that were not sent, as too many others waited. */
  dropped = 0
  sent = 0
  readonly #agent = new Agent({ keepAlive: true })
  readonly #events = new EventEmitter()
  readonly #url: URL
  readonly #users: readonly LoadUser[]
  readonly #begunMs = performance.now()
  readonly #timer: NodeJS.Timeout

  /** @param perSecond - of all users together */
  constructor(url: string, users: readonly LoadUser[], perSecond: number) {
    this.#url = new URL(url)
    this.#users = users
    this.#events.setMaxListeners(0)
    this.#timer = setInterval(() => this.#sendDue(perSecond), TICK_MS)
    closeAfterAll(() => this.#stop())
  }

  async next(matches: (outcome: Outcome) => boolean): Promise<Outcome> {
    for (;;) {
      const [outcome] = (await once(this.#events, 'outcome')) as [Outcome]
      if (matches(outcome)) return outcome
    }
  }

  /** Waits until this many more requests were sent. */
  async requests(count: number): Promise<void> {
    const last = this.sent + count
    await this.next(() => this.sent >= last)
  }

  /** Stops sending, and waits for open requests. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    while (this.outcomes.length < this.sent) await once(this.#events, 'outcome')
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#agent.destroy()
  }

  #sendDue(perSecond: number): void {
    const elapsedMs = performance.now() - this.#begunMs
    if (elapsedMs > MAX_MS) this.#stop()
    for (;;) {
      const lateMs = elapsedMs - ((this.sent + this.dropped) * 1000) / perSecond
      if (lateMs < 0) return
      this.latestMs = Math.max(this.latestMs, lateMs)
      if (this.sent - this.outcomes.length < MAX_IN_FLIGHT) this.#send()
      else this.dropped += 1
    }
  }

  #send(): void {
    const id = this.sent
    this.sent += 1
    const user = this.#users[id % this.#users.length]
    if (user === undefined) throw new TypeError('a load needs users')
    const { phase } = this
    const sentMs = performance.now()
    void this.#ask(user, id)
      .catch(() => ({ status: 0 }))
      .then((answer) => {
        const outcome = { user: user.name, id, phase, sentMs, endedMs: performance.now(), ...answer }
        this.outcomes.push(outcome)
        this.#events.emit('outcome', outcome)
      })
  }

  async #ask({ name, token, method, params }: LoadUser, id: number): Promise<Answer> {
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const outgoing = request(this.#url, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': body.length,
        'x-user': name,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    })
    outgoing.end(body)
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
    const { statusCode: status = 0 } = response
    const answer = await text(response)
    if (status !== 200) return { status }
    const message = JSON.parse(answer) as { readonly id: unknown; readonly error?: object }
    return { status, answeredId: message.id, refused: message.error !== undefined }
  }
}
