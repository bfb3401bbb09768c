import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { until } from '../support/until.ts'
import { openConsentPage } from './support/consent.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { mcpUser } from './support/mcp-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedTracedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

type Line = Record<string, unknown>

describe('Logs at debug level', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedTracedStack())

  it('have the id, service, decision and reason of each request', async () => {
    const user = await connectedUser(stack, ADA)
    const allowed = await user.ask()
    const refused = await rawPost(stack.mcpUrl, [])

    const inAllowed = await accessLine(allowed.headers['x-request-id'])
    assert.equal(inAllowed.to_service, 'platform')
    assert.equal(inAllowed.decision, 'allow')
    assert.equal(inAllowed.reason, 'valid_session')
    assert.equal(inAllowed.subject, ADA.quilt.name)
    assert.equal(inAllowed.status, 200)
    const inRefused = await accessLine(refused.headers['x-request-id'])
    assert.equal(inRefused.decision, 'deny')
    assert.equal(inRefused.reason, 'no_credential')
    assert.equal(inRefused.status, 401)
  })

  it('hold no secret of a connection, from sign-in to revocation', async () => {
    const cookies = await consentCookies()
    const user = await connectedUser(stack, ADA)
    const secrets = [...cookies, ...secretsOf(user)]
    assert.equal((await user.ask()).status, 200)
    assert.equal((await user.refresh()).status, 200)
    assert.equal((await user.ask()).status, 200)
    secrets.push(
      ...secretsOf(user),
      ...credentials(),
      ...Object.values<string>({ ...stack.secrets }),
      ADA.password,
    )
    assert.equal(await user.revoke(), 200)
    const last = await user.ask()
    await accessLine(last.headers['x-request-id'])

    for (const secret of new Set(secrets)) {
      assert.ok(secret.length > 10, 'a secret that was seen')
      const holding = stack.lines.find(
        (line) => line.includes(secret) || line.includes(encodeURIComponent(secret)),
      )
      assert.equal(holding?.slice(0, 200), undefined)
    }
  })

  async function accessLine(id: string | string[] | undefined): Promise<Line> {
    const line = (): Line | undefined => accessLines().find(({ request }) => request === id)
    await until(() => line() !== undefined, `the access log's line of ${String(id)}`)
    return line() ?? {}
  }

  function accessLines(): Line[] {
    return stack.lines
      .filter((line) => line.startsWith('envoy {"'))
      .map((line) => JSON.parse(line.slice('envoy '.length)) as Line)
  }

  async function consentCookies(): Promise<string[]> {
    const page = await openConsentPage(await (await mcpUser(stack.mcpUrl)).begin(), ADA)
    const cookies = await page.context().cookies(stack.origin)
    await page.context().close()
    const values = cookies.filter(({ name }) => name.includes('connect')).map(({ value }) => value)
    assert.ok(values.length > 0)
    return values
  }

  function credentials(): string[] {
    const values = stack.service.requests.map(({ authorization = '' }) =>
      authorization.replace('Bearer ', ''),
    )
    assert.ok(values.length > 0)
    return values.flatMap((value) => [value, ...value.split('.').slice(1)])
  }
})

/** Of the client: its tokens, their parts, its code and its verifier. */
function secretsOf({ memory, callback }: ConnectedUser): string[] {
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = memory.tokens() ?? {}
  const [, claims = '', signature = ''] = accessToken.split('.')
  const { k } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { k: string }
  const code = callback.visits[0]?.get('code') ?? ''
  return [
    ...[accessToken, claims, signature, k],
    ...[refreshToken, ...refreshToken.split('.').slice(3)],
    ...[code, code.split('.')[1] ?? '', memory.codeVerifier()],
  ]
}
