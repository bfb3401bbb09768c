import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'
import { connectRegistry, type Registry } from '../../../core/quilt/registry.ts'
import { until } from '../../support/until.ts'
import { ADA, json, person, PliantRegistry, REFUSED } from '../../authz/support/registry.ts'

const TOKEN = 'quilt-token-of-ada'
const BOUNDS = { timeoutMs: 3000, maxAnswerBytes: 16 * 1024, maxConnections: 32 }

describe('asking the Registry whose credential it is', () => {
  let pliant: PliantRegistry
  let registry: Registry

  beforeEach(async () => {
    pliant = await PliantRegistry.start()
    registry = connectRegistry(pliant.url, BOUNDS)
  })

  /** Throws where there is no answer as documented, and never names the credential. */
  async function ask(answer: RequestListener): Promise<string> {
    pliant.answer(answer)
    try {
      const { kind } = await registry.whoIs(TOKEN)
      return kind
    } catch (error) {
      assert.ok(error instanceof Error && !error.message.includes(TOKEN))
      return 'unanswered'
    }
  }

  it('shows the credential and nothing else', async () => {
    assert.deepEqual(await registry.whoIs(TOKEN), {
      kind: 'accepted',
      name: 'ada',
      email: 'ada@example.com',
    })
    const [request] = pliant.requests
    assert.deepEqual([request?.method, request?.url], ['GET', '/api/me'])
    assert.equal(request?.headers.authorization, `Bearer ${TOKEN}`)
    assert.equal(request.headers.cookie, undefined)
  })

  it('asks below the URL that it was given, with a slash at its end or without', async () => {
    for (const path of ['/quilt', '/quilt/']) {
      await connectRegistry(new URL(path, pliant.url), BOUNDS).whoIs(TOKEN)
      assert.equal(pliant.requests.at(-1)?.url, '/quilt/api/me')
    }
  })

  const text = (status: number, body: string, headers = {}): RequestListener => {
    return (_request, response) => void response.writeHead(status, headers).end(body)
  }
  const inactive = { message: 'Account is inactive. Must have an active account.' }
  const outcomes: [what: string, answer: RequestListener, outcome: string][] = [
    ['a person', ADA, 'accepted'],
    ['a person of whom it is not said', json(200, { current_user: 'ada' }), 'accepted'],
    ['a person who is not active', person({ is_active: false }), 'refused'],
    ['401', REFUSED, 'refused'],
    ['401 with more', json(401, { message: 'Token invalid.', error_code: 'x' }), 'refused'],
    ['403 in the words of old', json(403, inactive), 'refused'],
    ['403 for another reason', json(403, { message: 'Forbidden.' }), 'unanswered'],
    ['those words with another status', json(400, inactive), 'unanswered'],
    ['401 of a proxy', text(401, '<html>Authorization Required</html>'), 'unanswered'],
    ['401 without a body', text(401, ''), 'unanswered'],
    ['404', json(404, { message: 'Not found.' }), 'unanswered'],
    ['429', json(429, { message: 'Too many requests.' }), 'unanswered'],
    ['500', json(500, { message: 'Token invalid.' }), 'unanswered'],
    ['503 of a load balancer', text(503, '<html>'), 'unanswered'],
    ['a page', text(200, '<html>Maintenance</html>'), 'unanswered'],
    ['nothing', text(200, ''), 'unanswered'],
    ['204', text(204, ''), 'unanswered'],
    ['nobody', json(200, null), 'unanswered'],
    ['a person without a name', person({ current_user: '' }), 'unanswered'],
    ['a number', person({ current_user: 1 }), 'unanswered'],
    ['a person who may be active', person({ is_active: 'no' }), 'unanswered'],
    ['a list', json(200, [{ current_user: 'ada' }]), 'unanswered'],
    ['something compressed', text(200, gzipSync('{}').toString('latin1')), 'unanswered'],
    ['401 that is cut off', text(401, '{"message":', { 'content-length': 100 }), 'unanswered'],
    ['no HTTP', (request) => void request.socket.end('\0\0\0\0\r\n\r\n'), 'unanswered'],
    ['the end of the connection', (request) => void request.socket.destroy(), 'unanswered'],
  ]
  for (const [what, answer, outcome] of outcomes) {
    it(`takes ${what} for ${outcome}`, async () => {
      // What is cut off ends with its connection.
      pliant.answer(answer)
      const asked = ask(answer)
      if (what.includes('cut off')) {
        await until(() => pliant.requests.length > 0, 'the request')
        pliant.stop()
      }
      assert.equal(await asked, outcome)
    })
  }

  it('takes the credential nowhere else', async () => {
    const elsewhere = await PliantRegistry.start()
    for (const status of [301, 302, 307, 308]) {
      assert.equal(await ask(text(status, '', { location: `${elsewhere.url.href}api/me` })), 'unanswered')
    }
    assert.equal(elsewhere.requests.length, 0)
  })

  it('does not read 10 MB', async () => {
    let written = 0
    const chunk = 'x'.repeat(64 * 1024)
    const closed = new Promise<void>((resolve) => {
      pliant.answer((_request, response) => {
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

  it('gives up after a while, however slowly it is answered', async () => {
    const impatient = connectRegistry(pliant.url, { ...BOUNDS, timeoutMs: 200 })
    let timer: NodeJS.Timeout | undefined
    pliant.answer((_request, response) => {
      response.writeHead(200).write('{')
      timer = setInterval(() => response.write(' '), 100)
      response.on('close', () => clearInterval(timer))
    })
    const begun = performance.now()
    await assert.rejects(impatient.whoIs(TOKEN))
    assert.ok(performance.now() - begun < 1000)
  })

  it('asks 32 questions at once at most, and the others in their turn', async () => {
    const waiting: (() => void)[] = []
    let most = 0
    pliant.answer((request, response) => {
      waiting.push(() => ADA(request, response))
      most = Math.max(most, waiting.length)
    })
    const asked = Array.from({ length: 100 }, () => registry.whoIs(TOKEN))
    await until(() => waiting.length >= 32, 'the first ones')
    await until(() => {
      waiting.shift()?.()
      return pliant.requests.length === asked.length && waiting.length === 0
    }, 'the others')
    assert.equal(most, 32)
    assert.ok((await Promise.all(asked)).every(({ kind }) => kind === 'accepted'))
  })

  it('does not send what is no header, and says so without repeating it', async () => {
    await assert.rejects(
      registry.whoIs('quilt\r\nx-evil: 1'),
      (error) => error instanceof Error && !error.message.includes('evil'),
    )
    assert.equal(pliant.requests.length, 0)
  })

  it('has no answer where nobody listens', async () => {
    pliant.stop()
    await assert.rejects(registry.whoIs(TOKEN), { code: 'ECONNREFUSED' })
  })
})
