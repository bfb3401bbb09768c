import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { error, Session } from 'selenium-webdriver'
import type { Command } from 'selenium-webdriver/lib/command.js'

/**
 * Firefox's command for each WebDriver command in use. Their parameters are the same, except that of an element only
 * the id is sent.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  newSession: 'WebDriver:NewSession',
  get: 'WebDriver:Navigate',
  getCurrentUrl: 'WebDriver:GetCurrentURL',
  goBack: 'WebDriver:Back',
  goForward: 'WebDriver:Forward',
  refresh: 'WebDriver:Refresh',
  findElement: 'WebDriver:FindElement',
  findElements: 'WebDriver:FindElements',
  clickElement: 'WebDriver:ElementClick',
  sendKeysToElement: 'WebDriver:ElementSendKeys',
  executeScript: 'WebDriver:ExecuteScript',
  actions: 'WebDriver:PerformActions',
  newWindow: 'WebDriver:NewWindow',
  close: 'WebDriver:CloseWindow',
  switchToWindow: 'WebDriver:SwitchToWindow',
  getCurrentWindowHandle: 'WebDriver:GetWindowHandle',
  getWindowHandles: 'WebDriver:GetWindowHandles',
  getElementTagName: 'WebDriver:GetElementTagName',
  quit: 'Marionette:Quit',
}

const COMMAND = 0
const ELEMENT_KEY = 'element-6066-11e4-a52e-4f735466cecf'

type Failure = Parameters<typeof error.throwDecodedError>[0]
type Packet = [type: number, id: number, failure: Failure | null, result: unknown]

const ENDED: Failure = { error: 'invalid session id', message: 'Firefox has ended' }

/** Sends WebDriver commands to Firefox's Marionette: what geckodriver does, which Debian does not have. */
export class Marionette {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (packet: Packet) => void>()
  #received = Buffer.alloc(0)
  #lastId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes])
      for (let text = this.#nextText(); text !== undefined; text = this.#nextText()) this.#take(text)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const [id, resolve] of this.#waiting) resolve([1, id, ENDED, null])
    })
  }

  static async connect(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new Marionette(socket)
  }

  /** The interface that selenium-webdriver calls `Executor`. */
  async execute(command: Command): Promise<unknown> {
    const name = COMMANDS[command.getName()]
    if (name === undefined) throw new Error(`marionette: add ${command.getName()} to COMMANDS`)
    const result = await this.#send(name, parametersOf(command))
    if (name !== COMMANDS.newSession) return valueIn(result)
    const { sessionId, capabilities } = result as { sessionId: string; capabilities: object }
    return new Session(sessionId, capabilities)
  }

  async #send(name: string, parameters: unknown): Promise<unknown> {
    if (this.#socket.destroyed) error.throwDecodedError(ENDED)
    const id = (this.#lastId += 1)
    const answered = new Promise<Packet>((resolve) => this.#waiting.set(id, resolve))
    const text = JSON.stringify([COMMAND, id, name, parameters])
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`)
    const [, , failure, result] = await answered
    if (failure !== null) error.throwDecodedError(failure)
    return result
  }

  /** Takes a text from `<length>:<text>`; undefined until it is whole. */
  #nextText(): string | undefined {
    const start = this.#received.indexOf(':') + 1
    const end = start + Number(this.#received.toString('utf8', 0, Math.max(start - 1, 0)))
    if (start === 0 || this.#received.length < end) return undefined
    const text = this.#received.toString('utf8', start, end)
    this.#received = this.#received.subarray(end)
    return text
  }

  /** The first text is a greeting, not a packet. */
  #take(text: string): void {
    const packet = JSON.parse(text) as Packet | object
    if (!Array.isArray(packet)) return
    const [, id] = packet as Packet
    this.#waiting.get(id)?.(packet as Packet)
    this.#waiting.delete(id)
  }
}

interface CommandParameters {
  readonly id?: Readonly<Record<string, string>>
  readonly capabilities?: { readonly alwaysMatch: object }
}

function parametersOf(command: Command): object {
  const { id, capabilities, ...parameters } = command.getParameters() as CommandParameters
  if (capabilities !== undefined) return capabilities.alwaysMatch
  return id === undefined ? parameters : { ...parameters, id: id[ELEMENT_KEY] }
}

function valueIn(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'value' in result ? result.value : result
}
