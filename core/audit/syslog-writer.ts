import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { hostname } from 'node:os'
import process from 'node:process'
import { connect as connectTls } from 'node:tls'
import type { AuditWriter, SyslogTarget } from './audit-target.ts'

const CONNECT_MS = 5000
/** For the server to take a batch; then the connection is closed and the batch sent again. */
const WRITE_MS = 10_000
/** Facility 13 (log audit), severity 6 (informational): RFC 5424 section 6.2.1. */
const PRIORITY = 13 * 8 + 6
const MAX_HOST_LENGTH = 255

/**
 * Sends lines to a syslog server: RFC 5424 messages, framed by their length in bytes (RFC 6587 section 3.4.1). Syslog
 * acknowledges nothing, so the last batch of a lost connection is sent again on the next.
 */
export class SyslogWriter implements AuditWriter {
  readonly isRemote = true
  readonly #target: SyslogTarget
  #socket: Socket | undefined
  #lastBatch = ''

  constructor(target: SyslogTarget) {
    this.#target = target
  }

  /** @throws the connection's error */
  async write(lines: readonly string[]): Promise<void> {
    const batch = lines.map((line) => frame(messageOf(line))).join('')
    const socket = this.#socket ?? (await this.#connect())
    await send(socket, batch)
    this.#lastBatch = batch
  }

  async close(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    const closed = once(socket, 'close')
    socket.end()
    // A reset after the last line is no failure of ours.
    await closed.catch(() => undefined)
  }

  async #connect(): Promise<Socket> {
    const socket = await connected(this.#target)
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined
    })
    // The write that meets the error fails with it; between two writes, the closed socket is enough.
    socket.on('error', () => undefined)
    // Notices that the server closes, and drops what it may send.
    socket.resume()
    socket.setKeepAlive(true, CONNECT_MS)
    if (this.#lastBatch !== '') await send(socket, this.#lastBatch)
    this.#socket = socket
    return socket
  }
}

async function connected({ host, port, isTls }: SyslogTarget): Promise<Socket> {
  // An IP address is no name for SNI (RFC 6066 section 3).
  const serverName = isIP(host) === 0 ? { servername: host } : {}
  const socket = isTls ? connectTls({ host, port, ...serverName }) : connectTcp({ host, port })
  try {
    const signal = AbortSignal.timeout(CONNECT_MS)
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function send(socket: Socket, batch: string): Promise<void> {
  const timer = setTimeout(() => socket.destroy(new Error('the syslog server does not read')), WRITE_MS)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.write(batch, (error) => {
        if (error instanceof Error) reject(error)
        else resolve()
      })
    })
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Characters that a host name in a message may have (PRINTUSASCII). */
const HOST =
  hostname()
    .replace(/[^\x21-\x7e]/g, '')
    .slice(0, MAX_HOST_LENGTH) || '-'

/** The header of a message, which some servers keep, and the length before it. */
export const SYSLOG_HEADER = /^(?:\d{1,6} )?<\d{1,3}>1 (?:\S{1,255} ){5}- (?=\{)/
const TIME_AND_NAME = /"eventTime":"([^"]+)".*?"eventName":"([^"]+)"/

function messageOf(line: string): string {
  const [, time = '-', name = '-'] = TIME_AND_NAME.exec(line) ?? []
  return `<${PRIORITY}>1 ${time} ${HOST} quilt-connect ${process.pid} ${name} - ${line}`
}

function frame(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`
}
