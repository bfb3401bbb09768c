import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { PROBE, type Reached } from './support/answering-service.ts'
import { beforeAll } from '../../support/before-all.ts'

interface Captured {
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

interface Message {
  readonly id?: number
  readonly method: string
}

const FIXTURE = new URL('mcp-inspector.json', import.meta.url)
const { requests } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { requests: readonly Captured[] }

const ALLOWED = {
  logging: {},
  completions: {},
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  tools: { listChanged: true },
}
const TASKS = { list: {}, cancel: {}, requests: { tools: { call: {} } } }

function answer(response: ServerResponse, method: string, message: Message | undefined): void {
  if (message === undefined) {
    response.writeHead(method === 'GET' ? 405 : 200).end()
  } else if (message.id === undefined) {
    response.writeHead(202).end()
  } else {
    const result = message.method === 'initialize' ? { capabilities: { ...ALLOWED, tasks: TASKS } } : {}
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's1' })
    response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
  }
}

describe('MCP Inspector in a read-only session', () => {
  const stack = beforeAll(() => sharedAccessStack())

  async function replay({ method, headers, body = '' }: Captured): Promise<[RawAnswer, readonly Reached[]]> {
    const probe = randomUUID()
    const message = body === '' ? undefined : (JSON.parse(body) as Message)
    stack.answering.answerWith(probe, (response) => answer(response, method, message))
    const length = body === '' ? [] : ['content-length', String(Buffer.byteLength(body))]
    const own = ['authorization', `Bearer ${stack.reader.accessToken}`, PROBE, probe, ...length]
    const got = await rawRequest(stack.mcpUrl, { method, headers: [...headers.flat(), ...own], body })
    return [got, stack.answering.reachedBy(probe)]
  }

  for (const captured of requests) {
    const { method: name } = JSON.parse(captured.body ?? '{"method":"a stream"}') as Message
    it(`gets the service's answer to ${name}, as it was captured from the client`, async () => {
      const [{ status, body }, [reached]] = await replay(captured)
      assert.ok(reached !== undefined, `${status} ${body}`)
      const isRequest = (captured.body ?? '').includes('"id"')
      assert.equal(status, captured.method === 'GET' ? 405 : isRequest ? 200 : 202)
      assert.doesNotMatch(body, /"error"/)
    })
  }

  it('gets no capability whose methods are refused', async () => {
    const [initialize] = requests
    assert.ok(initialize !== undefined)
    const [{ body }] = await replay(initialize)
    const { result } = JSON.parse(body) as { result: { capabilities: unknown } }
    assert.deepEqual(result.capabilities, ALLOWED)
  })
})
