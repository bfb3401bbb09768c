import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { MAX_BODY_BYTES } from '../../../authz/read-access/received-body.ts'
import { PROTOCOLS } from '../../edge/support/ask.ts'
import { startAuthzWitness, type AuthzWitness } from '../../edge/support/authz-witness.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { accessStack } from './support/access-stack.ts'
import { askList, type Listed } from './support/ask-list.ts'
import { CHANGING_TOOL, READING_TOOL, request, toolCall, toolCallOf } from './support/calls.ts'
import { LISTS, response, sendJson } from './support/list-answers.ts'
import { send } from './support/send.ts'
import { ListStandIn, type Conduct } from './support/list-stand-in.ts'
import { beforeAll } from '../../support/before-all.ts'

const ALL = response(LISTS['tools/list'])
/** The second check gets everything that the client sends meanwhile in one piece. */
const FIRST_CHECK_MS = 150
const READ_HEADERS = { response_headers: {} }

/** After these, Envoy sends the rest of a list to the client unfiltered: our server must never do so. */
const LETS_THROUGH: readonly (readonly [what: string, conduct: Conduct])[] = [
  ['ends with OK before it answers the headers', (call) => call.end()],
  ['ends with OK at the body', inTurn(READ_HEADERS, 'end')],
  ['answers a chunk with no mutation', inTurn(READ_HEADERS, { response_body: {} })],
  [
    'answers a chunk with an empty mutation',
    inTurn(READ_HEADERS, { response_body: { response: { body_mutation: {} } } }),
  ],
  [
    'asks Envoy not to send the body',
    inTurn({
      ...READ_HEADERS,
      mode_override: {
        response_body_mode: 0,
        request_header_mode: 2,
        response_header_mode: 1,
        request_trailer_mode: 2,
        response_trailer_mode: 2,
      },
    }),
  ],
]

/** After these, Envoy sends nothing of a list. */
const HOLDS: readonly (readonly [what: string, conduct: Conduct])[] = [
  ['ends with an error at the headers', (call) => call.emit('error', { code: 13 })],
  ['ends with an error at the body', inTurn(READ_HEADERS, 'fail')],
  ['answers the headers with a body response', inTurn({ response_body: {} })],
  ['answers with an empty message', inTurn({})],
  [
    'answers with an empty body in place of the list',
    inTurn(READ_HEADERS, { response_body: { response: { body_mutation: { clear_body: true } } } }),
  ],
]

/** Answers each message with the next of these, and then no more. */
function inTurn(...answers: readonly (object | 'end' | 'fail')[]): Conduct {
  return (call) => {
    const left = [...answers]
    call.on('data', () => {
      const answer = left.shift()
      if (answer === 'end') call.end()
      else if (answer === 'fail') call.emit('error', { code: 13 })
      else if (answer !== undefined) call.write(answer)
    })
    call.on('end', () => call.end())
  }
}

describe('Envoy with another authz', function () {
  this.timeout(60_000)
  const lists = new ListStandIn()
  let authz: AuthzWitness

  const stack = beforeAll(() =>
    accessStack({
      changeEnvoyConfig(rendered) {
        const [, folder = ''] = /path: "?([^\s"]+)\/authz\.sock/.exec(rendered) ?? []
        const witness = startAuthzWitness(`${folder}/authz.sock`, `${folder}/authz-witness.sock`)
        closeAfterAll(() => witness.stop())
        authz = witness
        return lists.changeEnvoyConfig(rendered).replaceAll('/authz.sock', '/authz-witness.sock')
      },
    }),
  )

  before(async () => {
    await lists.start()
  })

  afterEach(() => {
    authz.script = undefined
  })

  const askTools = (): Promise<Listed> =>
    askList(stack, stack.reader, { message: request('tools/list'), answer: (to) => sendJson(to, ALL) })

  describe('the tool_access check, by metadata of authenticate', () => {
    /** @param toolAccess - the authenticate check's metadata; undefined for none */
    async function afterFirst(toolAccess: object | undefined) {
      const asked = authz.questions.length
      const fields = toolAccess === undefined ? {} : { tool_access: toolAccess }
      authz.script = (question) => {
        // Only the authenticate check gets the credential.
        if (question.values('authorization').length === 0) return undefined
        return { status: { code: 0 }, ok_response: {}, dynamic_metadata: { fields } }
      }
      const answer = (to: Parameters<typeof sendJson>[0]): void => sendJson(to, ALL)
      const { status, reached } = await askList(stack, stack.reader, {
        message: toolCall(CHANGING_TOOL),
        answer,
      })
      return { status, reached: reached.length, questions: authz.questions.length - asked }
    }

    for (const [what, toolAccess] of [
      ['no metadata', undefined],
      ['an empty string', { stringValue: '' }],
      ['another value', { stringValue: 'full' }],
      ['the value in capitals', { stringValue: 'NOT_NEEDED' }],
      ['true', { boolValue: true }],
      ['null', { nullValue: 0 }],
    ] as const) {
      it(`runs and returns 503, as no user is known, after ${what} from authenticate`, async () => {
        assert.deepEqual(await afterFirst(toolAccess), { status: 503, reached: 0, questions: 2 })
      })
    }

    it('is skipped when authenticate says that it is not needed', async () => {
      const notNeeded = { stringValue: 'not_needed' }
      assert.deepEqual(await afterFirst(notNeeded), { status: 200, reached: 1, questions: 1 })
    })
  })

  describe('the tool_access check', () => {
    for (const [what, okResponse] of [
      ['sets the credential', { headers: [{ header: { key: 'authorization', value: 'Bearer x' } }] }],
      ['removes the credential', { headers_to_remove: ['authorization'] }],
      ['changes the path', { headers: [{ header: { key: ':path', value: '/elsewhere' } }] }],
    ] as const) {
      it(`is refused with 500, and the service gets no request, when it ${what}`, async () => {
        authz.script = (question) =>
          question.values('authorization').length > 0
            ? undefined
            : { status: { code: 0 }, ok_response: okResponse, dynamic_metadata: { fields: {} } }
        const { answer, reached } = await send(stack, stack.reader, { body: toolCall(READING_TOOL) })
        assert.equal(answer.status, 500)
        assert.equal(reached.length, 0)
      })
    }
  })

  for (const protocol of PROTOCOLS) {
    it(`returns 413 for a large body that waits for the authenticate check, over ${protocol}`, async () => {
      authz.script = async (question) => {
        if (question.values('authorization').length > 0) await setTimeout(FIRST_CHECK_MS)
        return undefined
      }
      for (const bytes of [MAX_BODY_BYTES + 1, 1_500_000, 3_000_000]) {
        for (const sized of [true, false]) {
          const body = toolCallOf(bytes, READING_TOOL)
          const { answer, reached } = await send(stack, stack.reader, { protocol, sized, body })
          assert.deepEqual([answer.status, reached.length], [413, 0], `${bytes} bytes`)
        }
      }
    })
  }

  for (const [what, conduct] of LETS_THROUGH) {
    it(`sends the whole list if the list filter ${what}`, async () => {
      lists.conduct = conduct
      const { status, body } = await askTools()
      assert.deepEqual([status, body], [200, ALL])
    })
  }

  for (const [what, conduct] of HOLDS) {
    it(`sends nothing of a list if the list filter ${what}`, async () => {
      lists.conduct = conduct
      try {
        assert.doesNotMatch((await askTools()).body, /"tools"/)
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ECONNRESET')
      }
    })
  }
})
