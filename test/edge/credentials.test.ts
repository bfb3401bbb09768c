import assert from 'node:assert/strict'
import { GRACE } from '../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../journeys/support/connected-user.ts'
import { ask, PROTOCOLS, SERVICE_TARGET, valuesUnder, type Protocol } from './support/ask.ts'
import { adaAtTheEdge, edgeStack, hashOf } from './support/edge-stack.ts'
import { beforeAll } from '../support/before-all.ts'

type Header = readonly [name: string, value: string]

const AT_ONCE = 100

describe('Credentials at the edge', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())
  const ada = beforeAll(() => adaAtTheEdge())

  for (const protocol of PROTOCOLS) {
    it(`G07: over ${protocol}: refuses two Authorization headers, or two tokens in one, in any order`, async () => {
      const good = `Bearer ${ada.accessToken}`
      const other = 'Bearer another'
      const pairs: readonly (readonly string[])[] = [
        [good, other],
        [other, good],
        [good, good],
        [`${good}, ${other}`],
        [`${other},${good}`],
        [`${good},`],
        [`,${good}`],
        [`${good},,`],
        [good, 'Basic dXNlcjpwYXNz'],
        ['Basic dXNlcjpwYXNz', good],
      ]
      for (const values of pairs) {
        await refused(
          protocol,
          values.map((value) => ['authorization', value]),
        )
      }
    })

    it(`G07: over ${protocol}: removes an empty Authorization header beside a valid one`, async () => {
      for (const values of [
        [`Bearer ${ada.accessToken}`, ''],
        ['', `Bearer ${ada.accessToken}`],
      ]) {
        const headers = values.map((value): Header => ['authorization', value])
        const { answer, atPlatform } = await ask(stack, protocol, { headers })
        assert.equal(answer.status, 200)
        const shown = valuesUnder(atPlatform[0]?.rawHeaders ?? [], 'authorization')
        assert.equal(shown.length, 1)
        assert.ok(!shown.join().includes(ada.accessToken))
      }
    })

    it(`G07: over ${protocol}: reads the scheme in any case, and takes exactly one space before the token`, async () => {
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
        const { answer } = await ask(stack, protocol, {
          headers: [['authorization', `${scheme} ${ada.accessToken}`]],
        })
        assert.equal(answer.status, 200, scheme)
      }
      for (const before of [
        'Bearer  ',
        'Bearer\t',
        'Bearer \t',
        'Bearer',
        'Bearer: ',
        'Basic ',
        'Token ',
        '',
      ]) {
        await refused(protocol, [['authorization', `${before}${ada.accessToken}`]])
      }
      for (const after of [' x', '\tx', ';', '==', '"', "'", '%20', '.', ' Bearer']) {
        await refused(protocol, [['authorization', `Bearer ${ada.accessToken}${after}`]])
      }
    })

    it(`G08: over ${protocol}: refuses a credential with bytes that are not UTF-8, and accepts no header for them`, async () => {
      const bytes = ['\xff', '\xc0\xae', '\xed\xa0\x80', '\xf8', '\x80', '\xe9']
      for (const byte of bytes) {
        const forms: readonly Header[] = [
          ['authorization', `Bearer ${byte}`],
          ['authorization', `Bearer ${ada.accessToken}${byte}`],
          ['x-odd', byte],
          ['mcp-method', byte],
          ['user-agent', byte],
        ]
        for (const form of forms) await refused(protocol, [form])
      }
    })
  }

  it('G08: accepts a valid credential beside a header that is not UTF-8, and asks authz once', async () => {
    const { answer, questions, atPlatform } = await ask(stack, 'HTTP/1.1', {
      headers: [
        ['authorization', `Bearer ${ada.accessToken}`],
        ['x-odd', '\xff\xfe'],
      ],
    })
    assert.deepEqual([answer.status, questions.length, atPlatform.length], [200, 1, 1])
  })

  it('G12: passes no client token to a service, and no Quilt credential to a client', async () => {
    for (const protocol of PROTOCOLS) {
      const cookie: Header = ['cookie', `token=${ada.accessToken}`]
      const headers: readonly Header[] = [['authorization', `Bearer ${ada.accessToken}`], cookie]
      const { answer, atPlatform } = await ask(stack, protocol, { headers })
      const rawHeaders = atPlatform[0]?.rawHeaders ?? []
      assert.ok(!rawHeaders.some((text) => text.includes(ada.accessToken)))
      const [shown = ''] = valuesUnder(rawHeaders, 'authorization')
      const token = shown.replace('Bearer ', '')
      assert.ok(token.length > 10)
      assert.ok(!JSON.stringify([...answer.headers]).includes(token))
      assert.ok(!answer.body.includes(token))
      assert.ok(!stack.lines.some((line) => line.includes(token)))
    }
  })

  it('G12: quotes neither the token nor the credential in an error', async () => {
    stack.authz.script = () => ({
      status: { code: 0 },
      ok_response: { headers: [evil('x-any', ada.accessToken)] },
    })
    try {
      const { answer } = await ask(stack, 'HTTP/1.1', {
        headers: [['authorization', `Bearer ${ada.accessToken}`]],
      })
      assert.ok(answer.status >= 500)
      assert.ok(!JSON.stringify([...answer.headers, answer.body]).includes(ada.accessToken))
    } finally {
      stack.authz.script = undefined
    }
  })

  it('G09: asks authz again for another token, another path and another moment', async () => {
    const user = await connectedUser(stack, GRACE)
    const token = user.accessToken
    const paths = [SERVICE_TARGET, '/mcp/platform', '/mcp']
    for (const target of paths) {
      for (const method of ['GET', 'POST', 'HEAD', 'DELETE']) {
        const asked = await ask(stack, 'HTTP/2', { target, method, headers: bearer(token) })
        assert.equal(asked.answer.status, 200)
        assert.deepEqual(
          asked.questions.map(({ context }) => context.path),
          [target],
        )
      }
    }
    // These requests share what a wrong cache key would use.
    const [head = '', claims = '', signature = ''] = token.split('.')
    const changed = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
    for (const forged of [
      `${head}.${claims}.${changed(signature)}`,
      `${head}.${changed(claims)}.${signature}`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      token.slice(0, -1),
      `${token}A`,
      token.toLowerCase(),
    ]) {
      await refused('HTTP/2', bearer(forged))
    }
    assert.equal((await ask(stack, 'HTTP/2', { headers: bearer(token) })).answer.status, 200)

    assert.equal(await user.revoke(), 200)
    for (const protocol of PROTOCOLS) {
      for (const target of paths) await refused(protocol, bearer(token), target)
    }
  })

  it('G11: gives a hundred parallel requests of two users with one JSON-RPC id their own answers and credentials', async () => {
    const grace = await connectedUser(stack, GRACE)
    const people = [ada, grace]
    const own = await Promise.all(people.map((person) => credentialOf(person)))
    assert.notEqual(own[0], own[1])
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    const asked = Array.from({ length: AT_ONCE }, async (_, at) => {
      const person = people[at % people.length]
      const { answer, atPlatform } = await ask(stack, at % 4 < 2 ? 'HTTP/1.1' : 'HTTP/2', {
        method: 'POST',
        headers: [...bearer(person?.accessToken ?? ''), ['content-type', 'application/json']],
        body,
      })
      const answered = parse(answer.body)
      assert.equal(answered.probe, atPlatform[0]?.headers['x-probe'])
      assert.equal(answered.credential, own[at % people.length])
    })
    await Promise.all(asked)
  })

  async function credentialOf({ accessToken }: ConnectedUser): Promise<string> {
    const { answer, atPlatform } = await ask(stack, 'HTTP/2', { headers: bearer(accessToken) })
    const [shown = ''] = valuesUnder(atPlatform[0]?.rawHeaders ?? [], 'authorization')
    assert.equal(parse(answer.body).credential, hashOf(shown))
    return hashOf(shown)
  }

  /** Answered 401, 400 or not at all; the service gets no request. */
  async function refused(protocol: Protocol, headers: readonly Header[], target = '/mcp'): Promise<void> {
    const { answer, atPlatform } = await ask(stack, protocol, { target, headers })
    const what = JSON.stringify(headers).replaceAll(ada.accessToken, '<token>')
    assert.ok([401, 400, 0].includes(answer.status), `${what}: ${answer.status}`)
    assert.deepEqual(atPlatform, [], what)
  }
})

function bearer(token: string): Header[] {
  return [['authorization', `Bearer ${token}`]]
}

function evil(key: string, value: string): object {
  return { header: { key, value } }
}

/** The body of the echo service, chunked or not. */
function parse(body: string): { probe?: string; credential?: string } {
  return JSON.parse(/\{.*\}/.exec(body)?.[0] ?? '{}') as { probe?: string; credential?: string }
}
