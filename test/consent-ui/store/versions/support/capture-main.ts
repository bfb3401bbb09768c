import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Redis } from 'ioredis'
import { RenewalFailureStore } from '../../../../../consent-ui/store/renewal-failures.ts'
import { RECORD_VERSION } from '../../../../../core/store/record.ts'
import type { HttpBrowser, Page } from '../../../../support/http-browser.ts'
import { startValkey } from '../../../../support/store/valkey.ts'
import { tokensOf } from '../../../support/client.ts'
import { startConnect, type Connect } from '../../../support/connect.ts'
import { CODE_AFTER_SIGN_IN, paste, quiltCodeOf } from '../../../support/pasted-code.ts'
import { approve, openConsent } from '../../../support/person.ts'
import type { CapturedRecords } from './captured-records.ts'

/**
 * Writes every kind of record with this release's code, to a file of the next version's tests. To be run by mocha
 * before RECORD_VERSION changes.
 */
describe('Every kind of record', () => {
  it('is captured for the tests of the next version', async () => {
    const connect = await startConnect({ valkey: await startValkey() })
    const captured = await capture(connect)
    const file = join(tmpdir(), `records-${RECORD_VERSION}.json`)
    await writeFile(file, `${withoutSecrets(JSON.stringify(captured, undefined, 2))}\n`)
    process.stdout.write(`      ${file}\n`)
  })
})

/** A key in the repository must not be one that a server would accept. */
function withoutSecrets(text: string): string {
  return text.replace(/connect-(sealing|signing)\.([\w-]{43})\.[0-9a-f]{8}/g, '$1:$2')
}

async function capture(connect: Connect): Promise<CapturedRecords> {
  const client = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
  const browser = connect.browser()
  const codeOf = async (page: Page): Promise<string> =>
    (await approve(browser, page)).searchParams.get('code') ?? ''
  const usedCode = await codeOf(await openConsent(browser, client.authorizationUrl()))
  const used = tokensOf(await client.redeem(usedCode))
  const current = tokensOf(await client.refresh(used.refresh_token))
  const answered = connect.browser()
  const consent = await openConsent(answered, client.authorizationUrl())
  const code = (await approve(answered, consent)).searchParams.get('code') ?? ''
  const asked = connect.browser()
  const waiting = await openConsent(asked, client.authorizationUrl())
  const signingIn = await connect.browser().open(client.authorizationUrl())
  connect.redeploy(CODE_AFTER_SIGN_IN)
  const pasting = connect.browser()
  const held = await paste(
    pasting,
    await openConsent(pasting, client.authorizationUrl()),
    await quiltCodeOf(connect),
  )
  connect.redeploy({ QUILT_CREDENTIAL_SOURCE: 'exchange' })
  await new RenewalFailureStore(connect.redis).add('session-1', connect.now())
  const settings = Object.entries(connect.settings).filter(([name]) => name !== 'REDIS_URL')
  return {
    capturedAt: connect.now(),
    settings: Object.fromEntries(settings),
    client: { id: client.id, redirectUri: client.redirectUri },
    secrets: {
      usedCode,
      code,
      refreshToken: current.refresh_token,
      answered: cookieAt(answered, consent),
      waiting: cookieAt(asked, waiting),
      held: cookieAt(pasting, held),
      state: stateOf(signingIn),
    },
    keys: await contentOf(connect.redis),
  }
}

function cookieAt(browser: HttpBrowser, { url }: Page): { id: string; cookie: string } {
  const [cookie] = browser.cookies.all(new URL(url).hostname).filter(({ name }) => name.startsWith('quilt-'))
  return { id: new URL(url).pathname.split('/').at(-1) ?? '', cookie: cookie?.value ?? '' }
}

/** The `state` of the login that the identity provider's page belongs to. */
function stateOf({ visited }: Page): string {
  const states = visited.map((url) => new URL(url).searchParams.get('state'))
  return states.findLast((state) => state !== null) ?? ''
}

async function contentOf(redis: Redis): Promise<CapturedRecords['keys']> {
  const names = (await redis.keys('connect:*')).sort()
  const values = names.map(async (name) => {
    switch (await redis.type(name)) {
      case 'string':
        return [name, (await redis.get(name)) ?? ''] as const
      case 'hash':
        return [name, await redis.hgetall(name)] as const
      default:
        return undefined
    }
  })
  const entries = (await Promise.all(values)).filter((entry) => entry !== undefined)
  return Object.fromEntries<CapturedRecords['keys'][string]>(entries)
}
