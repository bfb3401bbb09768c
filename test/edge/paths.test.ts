import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { connectedUser } from '../journeys/support/connected-user.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1, type EdgeAnswer } from './support/http1.ts'
import type { Received } from './support/http-witness.ts'
import { http2, pseudoHeaders } from './support/http2.ts'
import { REQUEST_TARGETS, type Destination, type RequestTarget } from './support/request-targets.ts'
import {
  accessLog,
  PROBE,
  requestId,
  splitByPython,
  viewsOf,
  type AccessLine,
  type Views,
} from './support/views.ts'
import { beforeAll } from '../support/before-all.ts'

/** Path of the platform service at its upstream, for all of its paths. */
const PLATFORM_PATH = '/mcp'
/** The path of the sample files, which keep their paths below it. */
const FILES_PATH = '/files'
/** Targets that lead to consent-ui without authz. */
const CONSENT_UI_PATH =
  /^\/(\.well-known|connect|auth)(\/|$)|^\/(authorize|token|register)$|^\/mcp(\/platform(\/mcp)?)?\/\.well-known\/[a-z-]+$/
const AT_ONCE = 10
/** The access log has no more characters of a path. */
const MAX_LOGGED_PATH = 512

type Send = (target: string, headers: readonly (readonly [string, string])[]) => Promise<EdgeAnswer>

interface Sent {
  readonly target: string
  readonly expected: Destination
  readonly answer: EdgeAnswer
  readonly views: Views
}

describe('Ambiguous request targets', function () {
  this.timeout(60_000)
  let token: string
  let filesToken: string

  const stack = beforeAll(() => edgeStack())

  before(async () => {
    token = (await adaAtTheEdge()).accessToken
    const files = { origin: stack.origin, mcpUrl: `${stack.origin}${FILES_PATH}` }
    filesToken = (await connectedUser(files, ADA)).accessToken
  })

  const overHttp1: Send = (target, headers) =>
    http1(stack.origin, { target, lines: headers.map(([name, value]) => `${name}: ${value}`) })
  const overHttp2: Send = (target, headers) =>
    http2(stack.origin, [...pseudoHeaders(stack.origin, target), ...headers.flat()])
  const protocols: readonly [string, Send, (entry: RequestTarget) => Destination][] = [
    ['HTTP/1.1', overHttp1, ({ reaches }) => reaches],
    ['HTTP/2', overHttp2, ({ reaches, overHttp2: other = reaches }) => other],
  ]

  it('E01: number more than two hundred, of every kind', () => {
    assert.ok(REQUEST_TARGETS.length >= 200)
    assert.equal(new Set(REQUEST_TARGETS.map(({ target }) => target)).size, REQUEST_TARGETS.length)
  })

  for (const [protocol, send, expected] of protocols) {
    it(`E01: over ${protocol}: are read the same by Envoy, authz and the service, or refused`, async () => {
      const sent = await sendAll(send, expected, (target) => [
        ['authorization', `Bearer ${/(f|%66)iles/i.test(target) ? filesToken : token}`],
      ])
      const received = sent.flatMap(({ views }) => receivedBy(views))
      const byPython = await splitByPython(received.map(({ target }) => target))
      const python = new Map(received.map(({ target }, at) => [target, byPython[at] ?? []]))
      for (const each of sent) inOneVoice(each, python)
    })

    it(`E01: over ${protocol}: reach no service without a token, and the challenge names the path that authz read`, async () => {
      for (const sent of await sendAll(send, expected, () => [])) challenged(sent)
    })
  }

  it('E01: of any length reach their service or are refused', async () => {
    const headers: readonly [string, string][] = [['authorization', `Bearer ${token}`]]
    const long: readonly (readonly [string, Destination])[] = [
      [`/mcp?${'x'.repeat(10_000)}`, 'platform'],
      [`/mcp?${'x'.repeat(60_000)}`, 'refused'],
      [`/${'../'.repeat(5000)}mcp`, 'platform'],
      [`/connect/${'../'.repeat(5000)}mcp`, 'platform'],
      [`${'/'.repeat(20_000)}mcp`, 'platform'],
      [`/${'a'.repeat(40_000)}`, 'refused'],
      [`/connect/${';'.repeat(10_000)}`, 'consent-ui'],
    ]
    for (const send of [overHttp1, overHttp2]) {
      for (const [target, expected] of long) inOneVoice(await sendOne(send, { target, expected, headers }))
    }
  })

  async function sendAll(
    send: Send,
    expected: (entry: RequestTarget) => Destination,
    headersFor: (target: string) => readonly [string, string][],
  ): Promise<Sent[]> {
    const asked = REQUEST_TARGETS.map((entry) => ({
      target: entry.target,
      expected: expected(entry),
      headers: headersFor(entry.target),
      probe: crypto.randomUUID(),
    }))
    const answers: EdgeAnswer[] = []
    for (let at = 0; at < asked.length; at += AT_ONCE) {
      const batch = asked.slice(at, at + AT_ONCE)
      answers.push(...(await Promise.all(batch.map((each) => probe(send, each)))))
    }
    const log = await accessLog(stack, answers)
    return asked.map((each, at) => seen(each, answers[at], log))
  }

  async function sendOne(
    send: Send,
    asked: { target: string; expected: Destination; headers: readonly [string, string][] },
  ): Promise<Sent> {
    const named = { ...asked, probe: crypto.randomUUID() }
    const answer = await probe(send, named)
    return seen(named, answer, await accessLog(stack, [answer]))
  }

  async function probe(
    send: Send,
    asked: { target: string; headers: readonly [string, string][]; probe: string },
  ): Promise<EdgeAnswer> {
    return await send(asked.target, [...asked.headers, [PROBE, asked.probe]])
  }

  function seen(
    { target, expected, probe: name }: { target: string; expected: Destination; probe: string },
    answer: EdgeAnswer | undefined,
    log: ReadonlyMap<string, AccessLine>,
  ): Sent {
    assert.ok(answer !== undefined)
    const views = viewsOf(stack, name, log.get(requestId(answer) ?? ''))
    return { target, expected, answer, views }
  }
})

/** Envoy's route, authz's question and decision, and what the server got are about the same path. */
function inOneVoice(sent: Sent, python?: ReadonlyMap<string, readonly string[]>): void {
  const { expected, answer, views } = sent
  const target = sent.target.slice(0, 100)
  const { line, questions } = views
  const [received, ...more] = receivedBy(views)
  assert.equal(landing(views), expected, target)
  assert.deepEqual(more, [], target)
  if (received === undefined) {
    assert.ok(answer.status === 0 || answer.status >= 400, `${target}: ${answer.status}`)
    return
  }
  if (expected === 'consent-ui') {
    assert.deepEqual(questions, [], target)
    assert.equal(pathOf(received.target).slice(0, MAX_LOGGED_PATH), line?.path, target)
    assert.match(pathOf(received.target), CONSENT_UI_PATH, target)
  } else {
    const [question, ...others] = questions
    assert.deepEqual(others, [], target)
    assert.equal(line?.to_service, expected, target)
    // What Envoy's route says, what authz was asked about, and what the service got.
    assert.equal(question?.context.service, expected, target)
    const [asked = ''] = question.values(':path')
    assert.equal(received.target, `${pathAt(expected, asked)}${queryOf(asked)}`, target)
    assert.ok(isOf(question.context.path, asked), target)
  }
  readAlikeByServers(received.target, python?.get(received.target))
}

/** The service gets no request, and the challenge names the path that authz read. */
function challenged({ target, expected, answer, views }: Sent): void {
  assert.deepEqual([views.atPlatform, views.atFiles], [[], []], target)
  if (expected !== 'platform' && expected !== 'files') return
  assert.equal(answer.status, 401, target)
  const [question] = views.questions
  const [challenge = ''] = answer.headers.get('www-authenticate') ?? []
  assert.ok(
    challenge.includes(`/.well-known/oauth-protected-resource${question?.context.path ?? ''}"`),
    target,
  )
  assert.ok(isOf(question?.context.path, question?.values(':path')[0] ?? ''), target)
}

function pathAt(service: 'platform' | 'files' | 'refused', asked: string): string {
  if (service === 'platform') return PLATFORM_PATH
  return pathOf(asked) === FILES_PATH ? `${FILES_PATH}/` : pathOf(asked)
}

/** An MCP service has its paths, with or without a slash at the end; an HTTP service has everything below its own. */
function isOf(path: string | undefined, asked: string): boolean {
  const isPath = pathOf(asked) === path || pathOf(asked) === `${path ?? ''}/`
  return isPath || (path === FILES_PATH && asked.startsWith(`${path}/`))
}

/** By the path as a server in Node and one in Python read it. */
function readAlikeByServers(target: string, python: readonly string[] | undefined): void {
  const url = new URL(target, 'http://service.example')
  assert.equal(url.host, 'service.example', target)
  assert.equal(url.pathname, pathOf(target), target)
  assert.equal(url.hash, '', target)
  if (python === undefined) return
  const query = queryOf(target).slice(1)
  assert.deepEqual(python, ['', '', pathOf(target), query, ''], target)
}

function landing({ atPlatform, atFiles, atConsentUi }: Views): Destination {
  if (atPlatform.length > 0) return 'platform'
  if (atFiles.length > 0) return 'files'
  return atConsentUi.length > 0 ? 'consent-ui' : 'refused'
}

function receivedBy({ atPlatform, atFiles, atConsentUi }: Views): readonly Received[] {
  return [...atPlatform, ...atFiles, ...atConsentUi]
}

function pathOf(target = ''): string {
  return target.split('?')[0] ?? ''
}

function queryOf(target: string): string {
  return target.slice(pathOf(target).length)
}
