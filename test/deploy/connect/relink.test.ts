import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { UsageError } from '../../../deploy/connect/command.ts'
import { relink } from '../../../deploy/connect/steer/relink.ts'
import type { TestClient } from '../../consent-ui/support/client.ts'
import { startConnect, type Connect } from '../../consent-ui/support/connect.ts'
import { ScriptedIdentityProvider } from '../../consent-ui/support/scripted-identity-provider.ts'

const NEW = { sub: 'ada, created anew' }

describe('npm run connect -- relink', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    client = await connect.client()
    assert.equal((await signIn({})).status, 303)
  })

  /** Approves as this subject. */
  async function signIn(claims: object) {
    provider.claims = { ...claims }
    const browser = connect.browser()
    const answer = await browser.press(await browser.open(client.authorizationUrl()), 'Continue')
    return {
      status: answer.status,
      code: new URL(answer.headers.get('location') ?? answer.url).searchParams.get('code'),
    }
  }

  it('lets a person sign in whose account was created anew, and refuses the old one', async () => {
    assert.equal((await signIn(NEW)).status, 403)
    const { text, exitCode } = await relink.run(
      [ADA.email, '--name', ADA.quilt.name, '--yes'],
      connect.settings,
    )
    assert.match(text, /^The link of ada is removed/)
    assert.equal(exitCode, 0)
    assert.equal((await signIn(NEW)).status, 303)
    assert.equal((await signIn({})).status, 403)
  })

  it('M06: finds the Quilt user by a live session, and asks for the name without one', async () => {
    await assert.rejects(relink.run([ADA.email, '--yes'], connect.settings), UsageError)
    const { code } = await signIn({})
    assert.equal((await client.redeem(code ?? '')).status, 200)
    const { text } = await relink.run([ADA.email, '--yes', '--json'], connect.settings)
    assert.equal((JSON.parse(text) as { removed: boolean }).removed, true)
    assert.equal((await signIn(NEW)).status, 303)
  })

  it('forgets which Quilt user the old account was', async () => {
    const links = async () => (await connect.redis.keys('connect:person:*')).length
    const before = await links()
    await relink.run([ADA.email, '--name', ADA.quilt.name, '--yes'], connect.settings)
    assert.equal(await links(), before - 3)
  })

  it('says so when there is no link, and when another issuer is meant', async () => {
    for (const wrong of [
      ['--name', 'grace'],
      ['--name', ADA.quilt.name, '--issuer', 'https://elsewhere.example'],
    ]) {
      const { text, exitCode } = await relink.run([ADA.email, ...wrong, '--yes'], connect.settings)
      assert.match(text, /nothing was changed/)
      assert.equal(exitCode, 1)
    }
    assert.equal((await signIn({})).status, 303)
  })
})
