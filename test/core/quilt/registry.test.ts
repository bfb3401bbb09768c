import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { connectRegistry, type Registry } from '../../../core/quilt/registry.ts'
import { until } from '../../support/until.ts'
import { ADA, json, person, ScriptedRegistry, REFUSED } from '../../authz/support/registry.ts'

const TOKEN = 'quilt-token-of-ada'
const BOUNDS = { timeoutMs: 3000, maxAnswerBytes: 16 * 1024, maxConnections: 32 }

describe('The Registry client', () => {
  let scripted: ScriptedRegistry
  let registry: Registry

  beforeEach(async () => {
    scripted = await ScriptedRegistry.start()
    registry = connectRegistry(scripted.url, BOUNDS)
  })

  /** `unanswered` for an error, which must not name the credential. */
  async function ask(answer: RequestListener): Promise<string> {
    scripted.answer(answer)
    try {
      const { kind } = await registry.whoIs(TOKEN)
      return kind
    } catch (error) {
      assert.ok(error instanceof Error && !error.message.includes(TOKEN))
      return 'unanswered'
    }
  }

  it('sends the credential and no cookie', async () => {
    assert.deepEqual(await registry.whoIs(TOKEN), {
      kind: 'accepted',
      name: 'ada',
      email: 'ada@example.com',
    })
    const [request] = scripted.requests
    assert.deepEqual([request?.method, request?.url], ['GET', '/api/me'])
    assert.equal(request?.headers.authorization, `Bearer ${TOKEN}`)
    assert.equal(request.headers.cookie, undefined)
  })

  it('asks below the given URL, with or without a trailing slash', async () => {
    for (const path of ['/quilt', '/quilt/']) {
      await connectRegistry(new URL(path, scripted.url), BOUNDS).whoIs(TOKEN)
      assert.equal(scripted.requests.at(-1)?.url, '/quilt/api/me')
    }
  })

  const text = (status: number, body: string, headers = {}): RequestListener => {
    return (_request, response) => void response.writeHead(status, headers).end(body)
  }
  const inactive = { message: 'Account is inactive. Must have an active account.' }
  const outcomes: [what: string, answer: RequestListener, outcome: string][] = [
    ['an active user', ADA, 'accepted'],
    ['a user without is_active', json(200, { current_user: 'ada' }), 'accepted'],
    ['an inactive user', person({ is_active: false }), 'refused'],
    ['401 with a message', REFUSED, 'refused'],
    ['401 with a message and a code', json(401, { message: 'Token invalid.', error_code: 'x' }), 'refused'],
    ['403 in the words of a Registry before 26.8', json(403, inactive), 'refused'],
    ['403 with another message', json(403, { message: 'Forbidden.' }), 'unanswered'],
    ['400 in the words of a Registry before 26.8', json(400, inactive), 'unanswered'],
    ['401 of a proxy', text(401, '<html>Authorization Required</html>'), 'unanswered'],
    ['401 without a body', text(401, ''), 'unanswered'],
    ['404', json(404, { message: 'Not found.' }), 'unanswered'],
    ['429', json(429, { message: 'Too many requests.' }), 'unanswered'],
    ['500', json(500, { message: 'Token invalid.' }), 'unanswered'],
    ['503 of a load balancer', text(503, '<html>'), 'unanswered'],
    ['an HTML page', text(200, '<html>Maintenance</html>'), 'unanswered'],
    ['an empty body', text(200, ''), 'unanswered'],
    ['204', text(204, ''), 'unanswered'],
    ['null', json(200, null), 'unanswered'],
    ['a user without a name', person({ current_user: '' }), 'unanswered'],
    ['a number as the name', person({ current_user: 1 }), 'unanswered'],
    ['is_active that is not a boolean', person({ is_active: 'no' }), 'unanswered'],
    ['a list', json(200, [{ current_user: 'ada' }]), 'unanswered'],
    ['a compressed body', text(200, gzipSync('{}').toString('latin1')), 'unanswered'],
    ['a 401 that is cut off', text(401, '{"message":', { 'content-length': 100 }), 'unanswered'],
    ['bytes that are not HTTP', (request) => void request.socket.end('\0\0\0\0\r\n\r\n'), 'unanswered'],
    ['a closed connection', (request) => void request.socket.destroy(), 'unanswered'],
  ]
  for (const [what, answer, outcome] of outcomes) {
    it(`reads ${what} as ${outcome}`, async () => {
      scripted.answer(answer)
      const asked = ask(answer)
      if (what.includes('cut off')) {
        await until(() => scripted.requests.length > 0, 'the request')
        scripted.stop()
      }
      assert.equal(await asked, outcome)
    })
  }

  it('follows no redirect with the credential', async () => {
    const elsewhere = await ScriptedRegistry.start()
    for (const status of [301, 302, 307, 308]) {
      assert.equal(await ask(text(status, '', { location: `${elsewhere.url.href}api/me` })), 'unanswered')
    }
    assert.equal(elsewhere.requests.length, 0)
  })

  it('reads at most 16 KiB of an answer', async () => {
    let written = 0
    const chunk = 'x'.repeat(64 * 1024)
    const closed = new Promise<void>((resolve) => {
      scripted.answer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const more = (): void => {
          while (!response.destroyed && written < 10_000_000 && response.write(chunk)) written += chunk.length
        }
        response.on('drain', more).on('close', resolve)
        more()
      })
    })
    await assert.rejects(registry.whoIs(TOKEN), /more than 16384 bytes/)
    await closed
    assert.ok(written < 10_000_000)
  })

  it('gives up after its timeout while the answer still arrives', async () => {
    const impatient = connectRegistry(scripted.url, { ...BOUNDS, timeoutMs: 200 })
    let timer: NodeJS.Timeout | undefined
    scripted.answer((_request, response) => {
      response.writeHead(200).write('{')
      timer = setInterval(() => response.write(' '), 100)
      response.on('close', () => clearInterval(timer))
    })
    const begun = performance.now()
    await assert.rejects(impatient.whoIs(TOKEN))
    assert.ok(performance.now() - begun < 1000)
  })

  it('sends at most 32 requests at once and the others later', async () => {
    const waiting: (() => void)[] = []
    let max = 0
    scripted.answer((request, response) => {
      waiting.push(() => ADA(request, response))
      max = Math.max(max, waiting.length)
    })
    const asked = Array.from({ length: 100 }, () => registry.whoIs(TOKEN))
    await until(() => waiting.length >= 32, 'the first ones')
    await until(() => {
      waiting.shift()?.()
      return scripted.requests.length === asked.length && waiting.length === 0
    }, 'the others')
    assert.equal(max, 32)
    assert.ok((await Promise.all(asked)).every(({ kind }) => kind === 'accepted'))
  })

  it('refuses a credential that cannot be a header, without repeating it', async () => {
    await assert.rejects(
      registry.whoIs('quilt\r\nx-evil: 1'),
      (error) => error instanceof Error && !error.message.includes('evil'),
    )
    assert.equal(scripted.requests.length, 0)
  })

  it('fails with ECONNREFUSED when no process listens', async () => {
    scripted.stop()
    await assert.rejects(registry.whoIs(TOKEN), { code: 'ECONNREFUSED' })
  })
})
