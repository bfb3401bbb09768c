import assert from 'node:assert/strict'
import { parse } from 'yaml'
import { readConfig } from '../../envoy/config.ts'
import { renderEnvoyConfig } from '../../envoy/render/render.ts'
import { EDGE_ENVIRONMENT } from '../envoy/support.ts'
import { ask, PROTOCOLS } from './support/ask.ts'
import type { AuthzWitness } from './support/authz-witness.ts'
import { until } from '../support/until.ts'
import { http2Session, pseudoHeaders } from './support/http2.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { beforeAll } from '../support/before-all.ts'

type Header = readonly [name: string, value: string]
type Stage = 'authenticate' | 'tool_access'

/** The two ext_authz filters of envoy.yaml. */
const STAGES: readonly Stage[] = ['authenticate', 'tool_access']
const LEAVING = 50
const ROUNDS = 5

describe('Envoy after an answer of authz', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())
  let authorization: Header

  before(async () => {
    authorization = await authorizationAtTheEdge()
  })

  afterEach(() => {
    stack.authz.script = undefined
  })

  for (const protocol of PROTOCOLS) {
    for (const stage of STAGES) {
      it(`G04: over ${protocol}: refuses a request whose answer to ${stage} comes too late, and does not remember it`, async () => {
        const { promise: tooLate, resolve: answerAtLast } = Promise.withResolvers<object>()
        stack.authz.script = at(stage, () => tooLate)
        const { answer, atPlatform, questions } = await ask(stack, protocol, { headers: [authorization] })
        assert.equal(answer.status, 503)
        assert.ok(Number(answer.headers.get('retry-after')?.[0]) > 0)
        assert.equal(answer.headers.get('www-authenticate'), undefined, 'a 401 would cost the user a sign-in')
        assert.deepEqual(atPlatform, [])
        assert.equal(questions.at(-1)?.stage, stage, 'no later stage is asked')
        answerAtLast(allow([]))
        stack.authz.script = undefined

        const without = await ask(stack, protocol, {})
        assert.deepEqual([without.answer.status, without.questions.length], [401, 1])
        const next = await ask(stack, protocol, { headers: [authorization] })
        assert.deepEqual([next.answer.status, next.questions.length], [200, 1])
      })
    }
  }

  for (const stage of STAGES) {
    it(`G04: refuses a request without a valid answer to ${stage}`, async () => {
      const broken: readonly (() => object | Promise<object>)[] = [
        () => Promise.reject(new Error('the call ends')),
        // Failing codes of google.rpc.Code with an ok_response.
        () => ({ ...allow([]), status: { code: 7 } }),
        () => ({ ...allow([]), status: { code: 16 } }),
        () => ({ status: { code: 14 }, error_response: { status: { code: 503 } } }),
        () => ({ status: { code: 7 }, denied_response: { status: { code: 403 } } }),
      ]
      for (const script of broken) {
        stack.authz.script = at(stage, script)
        const { answer, atPlatform, questions } = await ask(stack, 'HTTP/2', { headers: [authorization] })
        assert.ok([401, 403, 503].includes(answer.status), String(answer.status))
        assert.deepEqual(atPlatform, [])
        assert.equal(questions.at(-1)?.stage, stage)
      }
    })

    it(`E06: lets an allow of ${stage} change no path, host, method or foreign header`, async () => {
      const beyond: readonly Header[] = [
        [':path', '/connect/apps'],
        [':path', '/mcp/../admin'],
        [':authority', 'evil.example'],
        [':method', 'DELETE'],
        [':scheme', 'https'],
        ['host', 'evil.example'],
        ['x-envoy-original-path', '/admin'],
        ['x-envoy-host', 'evil.example'],
        ['x-forwarded-proto', 'ftp'],
        ['content-length', '0'],
        ['transfer-encoding', 'chunked'],
        ['mcp-method', 'tools/list'],
        ['mcp-name', 'package_list'],
        ['mcp-session-id', 'another'],
        ['content-type', 'text/plain'],
        ['x-anything', 'else'],
      ]
      for (const [key, value] of beyond) {
        stack.authz.script = at(stage, () => allow([{ header: { key, value }, append: { value: false } }]))
        const { answer, ...views } = await ask(stack, 'HTTP/2', { headers: [authorization] })
        assert.ok(answer.status >= 500, `${key}: ${answer.status}`)
        assert.deepEqual([views.atPlatform, views.atConsentUi], [[], []], key)
        assert.equal(views.questions.at(-1)?.stage, stage)
      }
      for (const name of ['mcp-method', 'content-type', 'x-anything']) {
        stack.authz.script = at(stage, () => allow([], { removed: [name] }))
        const headers: Header[] = [authorization, [name, 'x']]
        const { answer, atPlatform } = await ask(stack, 'HTTP/2', { headers })
        assert.ok(answer.status >= 500, `removes ${name}: ${answer.status}`)
        assert.deepEqual(atPlatform, [], name)
      }
      stack.authz.script = at(stage, () => allow([]))
      assert.equal((await ask(stack, 'HTTP/2', { headers: [authorization] })).answer.status, 200, 'as it is')
    })
  }

  for (const stage of STAGES) {
    it(`G04: keeps no state of clients that hang up during ${stage}, and does not crash (CVE-2026-47205)`, async () => {
      const { pid } = stack.process('envoy')
      const reachedBefore = stack.atPlatform.length
      const { promise: never } = Promise.withResolvers<object>()
      stack.authz.script = at(stage, () => never)
      for (let round = 0; round < ROUNDS; round += 1) {
        const isPending = atStage(stack.authz, stage)
        const session = http2Session(stack.origin)
        for (let client = 0; client < LEAVING; client += 1) {
          const stream = session.request([...pseudoHeaders(stack.origin, '/mcp'), ...authorization])
          stream.on('error', () => undefined)
        }
        await until(() => isPending() === LEAVING, 'their questions')
        session.destroy()
      }
      stack.authz.script = undefined
      assert.equal((await ask(stack, 'HTTP/2', { headers: [authorization] })).answer.status, 200)
      assert.equal(stack.atPlatform.length, reachedBefore + 1)
      assert.equal(stack.process('envoy').pid, pid)
    })
  }

  it('E06: lets authz change no header that routes match, and never clears the route cache', () => {
    const rendered = renderEnvoyConfig(readConfig(EDGE_ENVIRONMENT))
    const all = deepEntries(parse(rendered))
    const allowed = all
      .filter(([key]) => key === 'allow_expression')
      .map(([, value]) => (value as { regex: string }).regex)
    const matched = all
      .filter(([key]) => key === 'match')
      .flatMap(([, value]) => (value as { headers?: HeaderMatch[] }).headers ?? [])
      // The page for browsers is chosen by a missing credential, which no allow can remove.
      .filter(({ present_match }) => present_match !== false)
      .map(({ name }) => name)
    assert.ok(allowed.length > 0 && matched.length > 0)
    for (const regex of allowed) {
      for (const name of [...matched, ':path', ':authority', 'host', ':method']) {
        assert.doesNotMatch(name, new RegExp(`^(?:${regex})$`), name)
      }
    }
    assert.deepEqual(
      all.filter(([key, value]) => key.startsWith('clear_route_cache') && value !== false),
      [],
    )
  })
})

interface HeaderMatch {
  readonly name: string
  readonly present_match?: boolean
}

/** @returns the number of checks of that stage since */
function atStage({ questions }: AuthzWitness, stage: Stage): () => number {
  const from = questions.length
  return () => questions.slice(from).filter((question) => question.stage === stage).length
}

/** Answers one stage with a script; an earlier stage gets tool_access: needed. */
function at(stage: Stage, script: () => object | Promise<object>): AuthzWitness['script'] {
  return (question) => (question.stage === stage ? script() : allow([], { toolAccess: 'needed' }))
}

/** An allow with these changes to the request, after which no stage follows. */
function allow(
  headers: readonly object[],
  { removed = [], toolAccess = 'not_needed' }: { removed?: readonly string[]; toolAccess?: string } = {},
): object {
  return {
    status: { code: 0 },
    ok_response: { headers, headers_to_remove: removed },
    dynamic_metadata: { fields: { tool_access: { stringValue: toolAccess }, list: { boolValue: false } } },
  }
}

function deepEntries(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]): [string, unknown][] => [
    [key, each],
    ...deepEntries(each),
  ])
}
