import assert from 'node:assert/strict'
import { until } from '../../support/until.ts'
import type { Answer } from '../support/answer.ts'
import { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { documentClient } from '../support/document-clients.ts'
import { startPublisher } from '../support/publisher.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A cached document', () => {
  let connect: Connect
  let count = 0

  const publisher = beforeAll(() => startPublisher())

  before(async () => {
    const settings = { CONNECT_CLIENT_HOSTS: `${publisher.host},claude.ai` }
    connect = await startConnect({ reach: publisher.reach, settings })
  })

  const newPath = (): string => {
    count += 1
    return `/cached-${count}`
  }

  /** An authorization request, which needs the document. */
  async function use(id: string): Promise<void> {
    const answer = await authorize(id)
    assert.equal(answer.status, 303, answer.text)
  }

  async function authorize(id: string): Promise<Answer> {
    const { pathname, search } = new URL(documentClient(connect, id).authorizationUrl())
    return await connect.get(pathname + search)
  }

  for (const [headers, seconds] of [
    [{ 'cache-control': 'max-age=100' }, 100],
    [{ 'cache-control': 'public, max-age=100', age: '40' }, 60],
    [{ 'cache-control': 'MAX-AGE=100, must-revalidate' }, 100],
    [{ date: 'Tue, 24 Nov 2026 00:00:00 GMT', expires: 'Tue, 24 Nov 2026 00:01:40 GMT' }, 100],
    [{}, 300],
    [{ 'cache-control': 'max-age=999999999' }, 86_400],
  ] as const) {
    it(`is kept for ${seconds} s for ${JSON.stringify(headers)}`, async () => {
      const path = newPath()
      const id = publisher.publishClient(path, {}, headers)
      for (const [passes, times] of [
        [0, 1],
        [seconds - 2, 1],
        [3, 2],
      ] as const) {
        await connect.passTime(passes)
        await use(id)
        assert.equal(publisher.timesAsked(path), times)
      }
    })
  }

  for (const headers of [
    { 'cache-control': 'no-store' },
    { 'cache-control': 'no-cache, max-age=100' },
    { 'cache-control': 'max-age=0' },
    { expires: '0' },
  ]) {
    it(`is not kept for ${JSON.stringify(headers)}`, async () => {
      const path = newPath()
      const id = publisher.publishClient(path, {}, headers)
      for (const times of [1, 2]) {
        await use(id)
        assert.equal(publisher.timesAsked(path), times)
      }
    })
  }

  it('is fetched once for concurrent requests', async () => {
    const path = newPath()
    const id = publisher.publishClient(path)
    await Promise.all(Array.from({ length: 20 }, () => use(id)))
    assert.equal(publisher.timesAsked(path), 1)
  })

  it('returns 503 beyond fifty concurrent fetches', async () => {
    const waiting: (() => void)[] = []
    const paths = Array.from({ length: 50 }, newPath)
    for (const path of paths) {
      publisher.reply(path, (response) => void waiting.push(() => response.writeHead(404).end()))
    }
    const asked = paths.map((path) => authorize(publisher.urlOf(path)))
    await until(() => waiting.length === paths.length, 'fifty requests at the publisher')
    assert.equal((await authorize(publisher.publishClient(newPath()))).status, 503)
    for (const answer of waiting) answer()
    for (const answer of asked) assert.equal((await answer).status, 503)
    await use(publisher.publishClient(newPath()))
  })

  it('is replaced when it expires: a removed redirect URI is gone', async () => {
    const path = newPath()
    const id = publisher.publishClient(path, {}, { 'cache-control': 'max-age=10' })
    const client = new TestClient(connect.origin, { id, redirectUri: 'http://localhost:1/callback' })
    const idp = connect.organisation.identityProvider.origin
    assert.ok((await connect.browser().open(client.authorizationUrl())).url.startsWith(idp))
    publisher.publishClient(path, { redirect_uris: ['http://localhost/other'] })
    await connect.passTime(11)
    assert.match((await connect.browser().open(client.authorizationUrl())).text, /Invalid callback address/)
  })

  it('is not cached after a failure, and fetched again ten seconds later', async () => {
    const path = newPath()
    const id = publisher.reply(path, (response) => response.writeHead(500).end())
    for (let request = 0; request < 20; request += 1) assert.equal((await authorize(id)).status, 503)
    assert.equal(publisher.timesAsked(path), 1)
    publisher.publishClient(path)
    await connect.passTime(10)
    await use(id)
    assert.equal(publisher.timesAsked(path), 2)
  })

  it('replaces a failed fetch for a day, without a wait for each request', async () => {
    const path = newPath()
    const id = publisher.publishClient(path, {}, { 'cache-control': 'max-age=10' })
    await use(id)
    publisher.reply(path, (response) => response.writeHead(403).end())
    await connect.passTime(11)
    await use(id)
    await use(id)
    assert.equal(publisher.timesAsked(path), 2)
    await connect.passTime(86_400)
    assert.equal((await authorize(id)).status, 503)
  })

  it('replaces a document that breaks a rule, whatever its caching headers', async () => {
    const path = newPath()
    const id = publisher.publishClient(path, {}, { 'cache-control': 'max-age=10' })
    await use(id)
    publisher.publishClient(path, { redirect_uris: 'gone' }, { 'cache-control': 'max-age=86400' })
    await connect.passTime(11)
    await use(id)
    publisher.publishClient(path, { redirect_uris: ['http://localhost/other'] })
    await connect.passTime(11)
    await use(id)
    await until(() => publisher.timesAsked(path) === 3, 'the fetch in the background')
    assert.match((await authorize(id)).text, /Invalid callback address/)
  })

  it('is served at once while its server hangs', async () => {
    const path = newPath()
    const id = publisher.publishClient(path, {}, { 'cache-control': 'max-age=10' })
    await use(id)
    publisher.reply(path, (response) => response.writeHead(500).end())
    await connect.passTime(11)
    await use(id)
    const waiting: (() => void)[] = []
    publisher.reply(path, (response) => void waiting.push(() => response.writeHead(500).end()))
    await connect.passTime(11)
    for (let request = 0; request < 5; request += 1) await use(id)
    await until(() => waiting.length === 1, 'one fetch in the background')
    for (const answer of waiting) answer()
  })
})
