import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { ADA } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { openApps } from '../apps/support.ts'
import { connectOnce, sessionOf } from '../consent/support.ts'
import { read } from '../support/pasted-code.ts'
import { startConnect } from '../support/connect.ts'
import { openConsent, tokensFor } from '../support/person.ts'
import { decoded, linksIn, MailReceiver, startBoth, WebhookReceiver } from './support.ts'

const FIRST = { 'x-envoy-external-address': '203.0.113.7' }
const ELSEWHERE = { 'x-envoy-external-address': '198.51.100.7' }
const DAY_SECONDS = 86_400
const BOTS: readonly (readonly [string, string, Record<string, string>])[] = [
  ['GET', 'a mail scanner', {}],
  ['HEAD', 'a link checker', {}],
  ['GET', 'a browser that loads ahead', { 'sec-purpose': 'prefetch' }],
]

describe('A notice “Was this you?”', () => {
  const receiver = new MailReceiver()
  const webhook = new WebhookReceiver()

  const connect = beforeAll(async () => startConnect({ settings: await startBoth(receiver, webhook) }))

  beforeEach(async () => {
    await connect.redis.flushall()
    receiver.mails.splice(0)
    webhook.texts.splice(0)
    webhook.paths.splice(0)
    receiver.refusals = 0
    webhook.status = 200
    connect.redeploy()
    connect.lines.length = 0
  })

  async function approve(headers: Record<string, string> = FIRST, name = 'Claude Code') {
    const client = await connect.client('http://localhost:33418/callback', name)
    const tokens = await tokensFor(connect, client, { headers })
    await connect.notices.settled()
    return { client, tokens }
  }

  it('is mailed to the user, in plain text and HTML, when a client is approved for the first time', async () => {
    await approve()
    assert.equal(receiver.mails.length, 1)
    const [mail] = receiver.mails
    assert.ok(mail !== undefined)
    assert.deepEqual(mail.to, [ADA.email])
    assert.match(mail.content, /^Content-Type: text\/plain/m)
    assert.match(mail.content, /^Content-Type: text\/html/m)
    for (const words of ['Claude Code', 'Read and change', '203.0.113.0/24']) {
      assert.ok(decoded(mail).includes(words), words)
    }
  })

  it('N05: is sent to the webhook too, and a client’s name is no mention, link or markup in either', async () => {
    await approve(FIRST, '<!channel> & <https://evil.example|x>')
    assert.equal(webhook.texts.length, 1)
    assert.match(webhook.texts[0] ?? '', /&lt;!channel&gt; &amp; &lt;https/)
    const content = decoded(receiver.mails[0] ?? { content: '' })
    assert.match(content, /<bdi>&#60;!channel&#62; &#38; &#60;https/)
    assert.doesNotMatch(`${content} ${webhook.texts[0] ?? ''}`, /https:\/\/evil|evil\.example/)
    assert.ok(webhook.texts[0]?.includes(ADA.email))
  })

  it('N05: cannot add headers or recipients through the client’s name', async () => {
    await approve(FIRST, 'x\r\nBcc: evil@example.com')
    assert.deepEqual(
      receiver.mails.map(({ to }) => to),
      [[ADA.email]],
    )
    assert.doesNotMatch(receiver.mails.map(({ content }) => content).join(''), /^Bcc:/m)
  })

  it('N03: is sent at most once a day for one client, and not again for a known network', async () => {
    await approve()
    await approve()
    await approve(ELSEWHERE)
    assert.equal(receiver.mails.length, 1, 'once a day')
    await connect.passTime(DAY_SECONDS + 1)
    await approve(ELSEWHERE)
    assert.equal(receiver.mails.length, 1, 'a known network')
  })

  it('is sent when a known client is approved from a new network', async () => {
    await approve()
    await connect.passTime(DAY_SECONDS + 1)
    await approve(ELSEWHERE)
    assert.equal(receiver.mails.length, 2)
    assert.match(receiver.mails[1]?.content ?? '', /new\s+network/)
  })

  it('is sent when a used refresh token comes again', async () => {
    const { client, tokens } = await approve()
    await connect.passTime(DAY_SECONDS + 1)
    const used = tokens.refresh_token
    await client.refresh(used)
    await connect.passTime(600)
    await client.from('198.51.100.7').refresh(used)
    await connect.notices.settled()
    assert.equal(receiver.mails.length, 2)
    assert.match(decoded(receiver.mails[1] ?? { content: '' }), /Two programs/)
  })

  it('N03: is sent at most twenty times a day to one user, whatever approves clients in their name', async () => {
    const { tokens } = await approve()
    const session = await sessionOf(connect, tokens)
    for (let client = 0; client < 25; client += 1)
      connect.notices.opened({ ...session, clientId: `c${client}` })
    await connect.notices.settled()
    assert.equal(receiver.mails.length, 20)
    assert.equal(connect.notices.counts.count({ way: 'mail', outcome: 'dropped' }), 6)
    await connect.passTime(DAY_SECONDS + 1)
    connect.notices.opened({ ...session, clientId: 'next' })
    await connect.notices.settled()
    assert.equal(receiver.mails.length, 21)
  })

  it('is not sent for “Check my connection”', async () => {
    const client = await connect.client(`${connect.origin}/connect/check`)
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const { url } = await browser.press(consent, 'Continue')
    await client.redeem(new URL(url).searchParams.get('code') ?? '')
    await connect.notices.settled()
    assert.equal(receiver.mails.length, 0)
  })

  it('is sent again when the mail server or the webhook refuses it for a while', async () => {
    receiver.refusals = 2
    await approve()
    assert.equal(receiver.mails.length, 1)
    assert.equal(connect.notices.counts.count({ way: 'mail', outcome: 'retried' }), 2)
  })

  it('that cannot be sent is counted, and the client is connected all the same', async () => {
    receiver.refusals = 9
    webhook.status = 500
    const { tokens } = await approve()
    assert.equal(connect.notices.counts.count({ way: 'mail', outcome: 'failed' }), 1)
    assert.equal(connect.notices.counts.count({ way: 'webhook', outcome: 'failed' }), 1)
    assert.ok((await sessionOf(connect, tokens)).id)
  })

  it('N04: follows no redirect of the webhook', async () => {
    webhook.status = 307
    await approve()
    assert.equal(connect.notices.counts.count({ way: 'webhook', outcome: 'failed' }), 1)
    assert.deepEqual(new Set(webhook.paths), new Set(['/hook']))
  })

  for (const [method, bot, headers] of BOTS) {
    it(`N01: changes nothing when ${bot} opens every link (${method})`, async () => {
      const { tokens } = await approve()
      const links = receiver.mails.flatMap(linksIn)
      assert.equal(links.length, 1)
      for (const link of links) {
        const answer = await fetch(link, { method, headers })
        assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
        assert.equal(answer.headers.get('cache-control'), 'no-store')
        assert.deepEqual(answer.headers.getSetCookie(), [])
      }
      assert.ok((await sessionOf(connect, tokens)).id)
    })
  }

  it('has a link that shows the connection, and ends it with one press and no sign-in', async () => {
    const { tokens } = await approve()
    const [link = ''] = receiver.mails.flatMap(linksIn)
    const browser = connect.browser()
    const page = await browser.open(link)
    assert.match(page.text, /Claude Code/)
    const ended = await browser.press(page, 'End this connection')
    assert.match(ended.text, /Connection ended/)
    const id = String(decodeJwt(tokens.access_token).sid)
    assert.equal(await new SessionStore(connect.redis).find(id), undefined)
    assert.equal((await browser.open(link)).status, 404)
    const { page: apps } = await openApps(connect)
    assert.match(
      read(apps),
      /Recently ended Claude Code, .*: it was ended with the link of a “Was this you\?” message\./,
    )
  })

  it('has a link after which no code that was approved before opens a session', async () => {
    await approve()
    const client = await connect.client('http://localhost:33418/callback', 'Claude Code')
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const callback = new URL((await browser.press(consent, 'Continue')).url)
    const [link = ''] = receiver.mails.flatMap(linksIn)
    await connect.browser().press(await connect.browser().open(link), 'End this connection')
    const redeemed = await client.redeem(callback.searchParams.get('code') ?? '')
    assert.deepEqual([redeemed.status, redeemed.text.includes('invalid_grant')], [400, true])
  })

  it('N02: has a link that is sealed, and opens nothing once anything of it is changed', async () => {
    const { tokens } = await approve()
    const [mail] = receiver.mails
    assert.ok(mail !== undefined && !decoded(mail).includes(String(decodeJwt(tokens.access_token).sid)))
    const [link = ''] = linksIn(mail)
    const k = new URL(link).searchParams.get('k') ?? ''
    const changed = Array.from(
      k,
      (letter, at) => k.slice(0, at) + (letter === 'A' ? 'B' : 'A') + k.slice(at + 1),
    )
    for (const forged of [
      '',
      'x',
      `${k}A`,
      k.slice(0, -1),
      ...changed.filter((_one, at) => at % 9 === 0),
      ...changed.slice(-1),
    ]) {
      assert.equal((await connect.post('/connect/notice', { k: forged })).status, 404, forged)
    }
    assert.ok((await sessionOf(connect, tokens)).id)
  })

  it('N02: has a link that ends only its own connection', async () => {
    await approve()
    const other = await connectOnce(connect, await connect.client('http://localhost:33418/callback', 'Other'))
    const [link = ''] = receiver.mails.flatMap(linksIn)
    await connect.browser().press(await connect.browser().open(link), 'End this connection')
    assert.equal((await connect.browser().open(link)).status, 404)
    assert.ok((await sessionOf(connect, other.tokens)).id)
  })

  it('has a link that expires after seven days', async () => {
    await approve()
    const [link = ''] = receiver.mails.flatMap(linksIn)
    await connect.passTime(7 * DAY_SECONDS + 1)
    assert.equal((await fetch(link)).status, 404)
    const k = new URL(link).searchParams.get('k') ?? ''
    assert.equal((await connect.post('/connect/notice', { k })).status, 404)
  })

  it('keeps the link and the mail server out of the log', async () => {
    receiver.refusals = 1
    await approve()
    const [link = ''] = receiver.mails.flatMap(linksIn)
    const k = new URL(link).searchParams.get('k') ?? ''
    await fetch(link)
    await connect.post('/connect/notice', { k })
    const [, sealed = ''] = k.split('.')
    assert.ok(sealed.length > 100 && !connect.lines.some((line) => line.includes(sealed)))
  })
})
