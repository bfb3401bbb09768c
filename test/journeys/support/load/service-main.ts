import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { text } from 'node:stream/consumers'

/**
 * A service in a process of its own, for load-service.ts. It writes down who reached it before it answers, at once
 * and to a file: a process that is killed forgets nothing that it was asked.
 */

const [, , port = '', file = ''] = process.argv

createServer((request, response) => {
  const { 'x-user': user, authorization = '' } = request.headers
  if (user === undefined) return void response.end()
  const credential = createHash('sha256').update(authorization).digest('hex')
  void text(request).then((body) => {
    const { id, method } = JSON.parse(body) as { id: number; method: string }
    appendFileSync(file, `${JSON.stringify({ user, id, credential })}\n`)
    const result = method === 'tools/list' ? { tools: [] } : { content: [{ type: 'text', text: credential }] }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  })
}).listen(Number(port), '127.0.0.1')
