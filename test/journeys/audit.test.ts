import assert from 'node:assert/strict'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyAudit } from '../../deploy/connect/audit/verify.ts'
import { replayPolicy } from '../../deploy/connect/policy/replay.ts'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { auditFileOf } from '../../deploy/local/context/addresses.ts'
import { serviceList } from '../../deploy/local/context/service-list.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { beforeAll } from '../support/before-all.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { rawPost } from './support/raw-post.ts'
import { rawRequest } from './support/raw-request.ts'
import { secondTask, sharedStack } from './support/recorded-stack.ts'

const TOOLS = ['bucket_list', 'search_packages', 'package_create']

function toolCall(name: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } })
}

describe('The audit log of the whole stack', function () {
  this.timeout(60_000)
  let folder: string
  const stack = beforeAll(() => sharedStack())
  const reader = beforeAll(() => connectedUser(stack, ADA, 'Read only'))
  const writer = beforeAll(() => connectedUser(stack, GRACE, 'Read and change'))

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-audit-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
  })

  const environment = () => ({ CONNECT_ORIGIN: stack.origin, AUDIT_KEYS: stack.secrets.auditKeys })

  /** Calls a tool, in a read-only session by its body, in a full one with the headers of MCP 2026-07-28. */
  async function call(user: ConnectedUser, tool: string, mcpUrl = stack.mcpUrl) {
    const body = toolCall(tool)
    if (user === reader) return await rawPost(mcpUrl, [`Bearer ${user.accessToken}`], body)
    const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
    headers.push(
      'content-length',
      String(Buffer.byteLength(body)),
      'authorization',
      `Bearer ${user.accessToken}`,
    )
    headers.push('mcp-method', 'tools/call', 'mcp-name', tool)
    return await rawRequest(mcpUrl, { method: 'POST', headers, body })
  }

  /** A copy of the file as soon as it has the event of this request. */
  async function fileWith(requestId: string | undefined): Promise<string> {
    const [path, copy] = [auditFileOf(stack.context), join(folder, 'audit.log')]
    assert.ok(requestId !== undefined)
    await until(
      async () => (await readFile(path, 'utf8')).includes(`"requestID":"${requestId}"`),
      'the event',
    )
    await copyFile(path, copy)
    return copy
  }

  it('has the connection of a user, the calls of tools and a refused request, and is proven', async () => {
    await call(reader, 'bucket_list')
    await call(writer, 'package_create')
    const refused = await rawPost(stack.mcpUrl, [])
    const requestId = String(refused.headers['x-request-id'])
    const file = await fileWith(requestId)
    const { text, exitCode } = await verifyAudit.run([file], environment())
    assert.equal(exitCode, 0, text)
    const events = (await readFile(file, 'utf8')).split('\n').flatMap((line) => {
      if (line === '') return []
      const { eventName, errorCode, userIdentity, requestID, requestParameters } = JSON.parse(line) as {
        eventName: string
        errorCode: string | null
        userIdentity: { userName?: string; email?: string } | null
        requestID: string | null
        requestParameters: { operation?: string }
      }
      const user = userIdentity?.userName ?? userIdentity?.email
      return [{ eventName, errorCode, user, requestID, operation: requestParameters.operation }]
    })
    const has = (expected: Partial<(typeof events)[number]>): void => {
      const isIt = (event: (typeof events)[number]): boolean =>
        Object.entries(expected).every(([name, value]) => event[name as keyof typeof event] === value)
      assert.ok(events.some(isIt), JSON.stringify(expected))
    }
    has({ eventName: 'Connect.SignIn', user: ADA.email })
    for (const user of [ADA.quilt.name, GRACE.quilt.name]) {
      has({ eventName: 'Connect.ConsentGiven', user })
      has({ eventName: 'Connect.SessionOpened', user })
    }
    has({ eventName: 'Connect.ToolCalled', user: ADA.quilt.name, operation: 'tools/call bucket_list' })
    has({ eventName: 'Connect.ToolCalled', user: GRACE.quilt.name, operation: 'tools/call package_create' })
    has({ eventName: 'Connect.RequestRefused', requestID: requestId, errorCode: 'no_credential' })
  })

  describe('names', () => {
    const changes: Record<string, readonly [RegExp, (lines: string[], at: number) => string[]]> = {
      'one changed byte': [
        /changed/,
        (lines, at) => lines.with(at, (lines[at] ?? '').replace('.ToolC', '.Toolc')),
      ],
      'a removed line': [/removed/, (lines, at) => lines.toSpliced(at, 1)],
      'two lines in another order': [/reordered/, (lines, at) => swapped(lines, at)],
    }
    for (const [what, [fault, change]] of Object.entries(changes)) {
      it(what, async () => {
        const refused = await rawPost(stack.mcpUrl, [])
        const file = await fileWith(String(refused.headers['x-request-id']))
        const lines = (await readFile(file, 'utf8')).split('\n')
        const called = lines.findIndex((line) => line.includes('Connect.ToolCalled'))
        await writeFile(file, change(lines, called).join('\n'))
        const { text, exitCode } = await verifyAudit.run([file], environment())
        assert.equal(exitCode, 1)
        assert.match(text, fault)
      })
    }

    /** With the next line of the same process. */
    function swapped(lines: string[], at: number): string[] {
      const process = processOf(lines[at] ?? '')
      const next = lines.findIndex((line, index) => index > at && processOf(line) === process)
      return lines.with(at, lines[next] ?? '').with(next, lines[at] ?? '')
    }

    function processOf(line: string): string | undefined {
      return /"process":"([^"]+)"/.exec(line)?.[1]
    }
  })

  describe('predicts a change of the services: npm run connect -- policy replay', () => {
    let file: string
    let changed: Pick<Stack, 'mcpUrl'>

    before(async () => {
      for (const user of [reader, writer]) for (const tool of TOOLS) await call(user, tool)
      const last = await rawPost(stack.mcpUrl, [])
      file = await fileWith(String(last.headers['x-request-id']))
      const entries = JSON.parse(serviceList(stack.context)) as Record<string, unknown>[]
      const [platform, ...others] = entries
      // All sessions become read-only, and one reading tool is taken away.
      const stricter = { ...platform, grants: ['read'], read: { tools: ['bucket_list'] } }
      const list = JSON.stringify([stricter, ...others])
      await writeFile(join(folder, 'new.yaml'), list)
      changed = await secondTask(stack, { changes: { authz: { CONNECT_SERVICES: list } } })
    })

    const replay = async (name: string, ...more: string[]) =>
      await replayPolicy.run([file, '--services', join(folder, name), ...more], {})

    it('finds no difference with the same services', async () => {
      await writeFile(join(folder, 'same.yaml'), serviceList(stack.context))
      const { text, exitCode } = await replay('same.yaml')
      assert.equal(exitCode, 0, text)
      assert.match(
        text,
        /^0 requests would be decided differently, [1-9]\d* as before, \d+ could not be judged/,
      )
    })

    it('names the users, clients and tools whose calls are then refused, and no other', async () => {
      const { text, exitCode } = await replay('new.yaml', '--json')
      assert.equal(exitCode, 1)
      const { differences } = JSON.parse(text) as {
        differences: { user: string; operation: string; was: string; becomes: string }[]
      }
      let changedCalls = 0
      for (const user of [reader, writer]) {
        for (const tool of TOOLS) {
          const name = user === reader ? ADA.quilt.name : GRACE.quilt.name
          const predicted = differences.find(
            (each) => each.user === name && each.operation === `tools/call ${tool}`,
          )
          const [before, after] = [await outcome(user, tool, stack), await outcome(user, tool, changed)]
          if (before !== after) changedCalls += 1
          const seen = before === after ? undefined : [before, after]
          assert.deepEqual(
            predicted && [predicted.was, predicted.becomes].map(isAllowed),
            seen,
            `${name} ${tool}`,
          )
        }
      }
      assert.equal(changedCalls, 3)
    })

    const isAllowed = (outcome: string): boolean => outcome === 'allowed'

    /** True if the call reached the service. */
    async function outcome(
      user: ConnectedUser,
      tool: string,
      { mcpUrl }: Pick<Stack, 'mcpUrl'>,
    ): Promise<boolean> {
      const reached = stack.service.requests.length
      await call(user, tool, mcpUrl)
      return stack.service.requests.length > reached
    }
  })
})
