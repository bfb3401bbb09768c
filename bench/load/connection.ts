import { connect, type Socket } from 'node:net'
import { AnswerReader, type Answer } from './answer-reader.ts'

/**
 * One HTTP/1.1 connection with one request at a time. A bare socket: node:http would take as much processor time as
 * authz.
 */
export class Connection {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  #waiting: PromiseWithResolvers<Answer> | undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => this.#read(chunk))
    this.#socket.on('error', (error) => this.#waiting?.reject(error))
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** @throws Error if the connection ends before the answer */
  async ask(request: string): Promise<Answer> {
    this.#waiting = Promise.withResolvers()
    this.#socket.write(request, 'latin1')
    return await this.#waiting.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    const answer = this.#reader.push(chunk)
    if (answer === undefined) return
    if (answer.headers.get('connection') === 'close') this.#socket.destroy()
    this.#waiting?.resolve(answer)
  }
}
