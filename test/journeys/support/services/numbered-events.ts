import type { RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { EventStream } from '../event-stream.ts'
import { handshakeAnswer, type Message } from '../handshake.ts'

const EVENT_MS = 100

/** An MCP service that answers at once, and sends numbered events on each stream, the missed ones first. */
export function numberedEvents(): {
  readonly listener: RequestListener
  readonly resumed: readonly number[]
} {
  const begunMs = performance.now()
  const newest = (): number => Math.floor((performance.now() - begunMs) / EVENT_MS)
  const resumed: number[] = []

  return {
    resumed,
    listener(request, response) {
      if (request.method === 'GET') {
        const last = request.headers['last-event-id']
        if (last !== undefined) resumed.push(Number(last))
        const stream = new EventStream(response, {})
        let sent = last === undefined ? newest() : Number(last)
        const timer = setInterval(() => {
          while (sent < newest()) stream.send(notification((sent += 1)), String(sent))
        }, EVENT_MS)
        void stream.closed.then(() => clearInterval(timer))
        return
      }
      void text(request).then(
        (body) => {
          const message = JSON.parse(body) as Message
          const known = handshakeAnswer(message)
          if (known === 'accepted') return void response.writeHead(202).end()
          const result = known ?? { content: [{ type: 'text', text: 'done' }] }
          response.writeHead(200, { 'content-type': 'application/json' })
          response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
        },
        () => response.destroy(),
      )
    },
  }
}

function notification(number: number): object {
  return { method: 'notifications/message', params: { level: 'info', data: number } }
}
