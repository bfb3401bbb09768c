import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { ADA } from '../../../deploy/demo/people.ts'
import { until } from '../../support/until.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { accessStack } from './support/access-stack.ts'
import { PROBE } from './support/answering-service.ts'
import { askList, type Asked, type Listed } from './support/ask-list.ts'
import { READING_TOOL, request, toolCall } from './support/calls.ts'
import { LISTS, response, sendJson, SHOWN } from './support/list-answers.ts'
import { beforeAll } from '../../support/before-all.ts'

const CALL = toolCall(READING_TOOL)
const ALL = response(LISTS['tools/list'])
const HALF = 60
const FIRST_CHECKS = 'http.connect.ext_authz.authenticate.ok'
const LIST_MESSAGES = 'http.connect.ext_proc.list_filter.stream_msgs_received'
/** More than it takes Envoy to give authz up: half a second for a check, one for a list. */
const MAX_MS = 3000

interface Way {
  readonly how: string
  readonly fail: () => Promise<void>
  readonly mend: () => Promise<void>
}

describe('authz failing during a request of a read-only session', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => accessStack())

  const authz = () => stack.process('authz')
  const HANGS: Way = {
    how: 'hangs',
    fail() {
      authz().pause()
      return Promise.resolve()
    },
    mend() {
      authz().resume()
      return Promise.resolve()
    },
  }
  const IS_KILLED: Way = { how: 'is killed', fail: () => authz().kill(), mend: () => authz().start() }

  /** @param action - is given what makes authz fail, and calls it; afterwards everything works again */
  async function failing({ fail, mend }: Way, action: (fail: () => Promise<void>) => Promise<void>) {
    let failed = Promise.resolve()
    try {
      await action(() => (failed = fail()))
    } finally {
      await failed
      await mend()
    }
    const answer = (): Promise<Listed> => askTools((to) => sendJson(to, ALL))
    await until(async () => (await answer()).status === 200, 'authz again')
    assert.equal((await answer()).body, response(SHOWN['tools/list']))
  }

  const askTools = (answer: Asked['answer']): Promise<Listed> =>
    askList(stack, stack.reader, { message: request('tools/list'), answer })

  /** Half of a call: it has passed the first check when this returns. */
  async function beginCall({ accessToken }: ConnectedUser, probe: string): Promise<ClientRequest> {
    const before = await stack.stat(FIRST_CHECKS)
    const headers = {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'content-length': CALL.length,
      [PROBE]: probe,
    }
    const outgoing = httpRequest(stack.mcpUrl, { method: 'POST', agent: false, headers })
    outgoing.write(CALL.slice(0, HALF))
    await until(async () => (await stack.stat(FIRST_CHECKS)) > before, 'the first check')
    return outgoing
  }

  async function finish(outgoing: ClientRequest): Promise<Omit<Listed, 'reached'>> {
    outgoing.end(CALL.slice(HALF))
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    const headers = answer.headers as Record<string, string>
    const contentType = headers['content-type']
    return { status: answer.statusCode ?? 0, headers, contentType, body: await text(answer) }
  }

  function assertUnavailable({ status, contentType, headers, body }: Omit<Listed, 'reached'>): void {
    assert.equal(status, 503)
    assert.equal(contentType, 'application/json')
    assert.match(body, /Temporarily unavailable/)
    assert.match(headers['retry-after'] ?? '', /^\d+$/)
    assert.equal(headers['www-authenticate'], undefined)
  }

  for (const way of [HANGS, IS_KILLED]) {
    it(`${way.how} before the body was judged: 503, and the service gets nothing`, async () => {
      await failing(way, async (fail) => {
        const outgoing = await beginCall(stack.reader, way.how)
        await fail()
        const begun = performance.now()
        assertUnavailable(await finish(outgoing))
        assert.ok(performance.now() - begun < MAX_MS)
        assert.equal(stack.answering.reachedBy(way.how).length, 0)
      })
    })
  }

  it('hangs before a list began: 503, and nothing of the list', async () => {
    await failing(HANGS, async (fail) => {
      const begun = performance.now()
      const answer: Asked['answer'] = async (to) => {
        await fail()
        sendJson(to, ALL)
      }
      assertUnavailable(await askTools(answer))
      assert.ok(performance.now() - begun < MAX_MS)
    })
  })

  for (const [way, type] of [
    [HANGS, 'application/json'],
    [HANGS, 'text/event-stream'],
    [IS_KILLED, 'text/event-stream'],
  ] as const) {
    it(`${way.how} in the middle of a list of ${type}: the answer is cut off, and nothing of it was shown`, async () => {
      await failing(way, async (fail) => {
        const whole = type === 'application/json' ? ALL : `data: ${ALL}\n\n`
        const answer: Asked['answer'] = async (to) => {
          const before = await stack.stat(LIST_MESSAGES)
          to.writeHead(200, { 'content-type': type })
          to.write(whole.slice(0, HALF))
          // What to do with its headers, and with the half of it.
          await until(async () => (await stack.stat(LIST_MESSAGES)) >= before + 2, 'half a list')
          await fail()
          to.end(whole.slice(HALF))
        }
        await assert.rejects(askTools(answer), { code: 'ECONNRESET' })
      })
    })
  }

  it('does not affect a call that is being answered', async () => {
    await failing(HANGS, async (fail) => {
      const answer: Asked['answer'] = async (to) => {
        to.writeHead(200, { 'content-type': 'text/event-stream' })
        to.write('data: 1\n\n')
        await fail()
        to.end('data: 2\n\n')
      }
      const { status, body } = await askList(stack, stack.reader, { message: CALL, answer })
      assert.deepEqual([status, body], [200, 'data: 1\n\ndata: 2\n\n'])
    })
  })

  it('G13: refuses a session that ended during its upload, and the service gets nothing', async () => {
    const user = await connectedUser(stack, ADA, 'Read only')
    const outgoing = await beginCall(user, 'revoked')
    assert.equal(await user.revoke(), 200)
    const { status, headers } = await finish(outgoing)
    assert.equal(status, 401)
    assert.match(headers['www-authenticate'] ?? '', /invalid_token/)
    assert.equal(stack.answering.reachedBy('revoked').length, 0)
  })
})
