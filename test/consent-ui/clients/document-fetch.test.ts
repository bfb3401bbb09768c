import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Reach } from '../../../consent-ui/clients/fetch-json.ts'
import { isSpecialUse } from '../../../consent-ui/clients/special-use-addresses.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { assertDocumentRefused, documentAt, documentClient } from '../support/document-clients.ts'
import { codeFor } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { beforeAll } from '../../support/before-all.ts'

const IMPATIENT_MS = 300

describe("A client's document", () => {
  const publisher = beforeAll(() => startPublisher())
  const connect = beforeAll(() => startWith(publisher.reach))

  async function startWith(reach: Reach): Promise<Connect> {
    return await startConnect({ reach, settings: { CONNECT_CLIENT_HOSTS: publisher.host } })
  }

  describe('cannot be fetched and has no copy when its server', () => {
    const good = (path: string): string => JSON.stringify(documentAt(publisher, path))

    for (const status of [301, 302, 303, 307, 308]) {
      it(`negative test, client ID metadata document: redirect: answers ${status} with its location`, async () => {
        const location = publisher.publishClient('/target')
        const id = publisher.reply(`/redirect-${status}`, (response) =>
          response.writeHead(status, { location, 'content-type': 'application/json' }).end(),
        )
        await assertDocumentRefused(connect, id, 503)
        assert.equal(publisher.timesAsked('/target'), 0)
      })
    }

    for (const status of [201, 203, 204, 206, 304, 401, 403, 404, 500]) {
      it(`answers ${status}`, async () => {
        const path = `/status-${status}`
        const id = publisher.reply(path, (response) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(good(path)),
        )
        await assertDocumentRefused(connect, id, 503)
      })
    }

    for (const type of ['text/html', 'text/plain', 'application/jsonx', 'text/json', '']) {
      it(`negative test, client ID metadata document: no JSON: calls it ${JSON.stringify(type)}`, async () => {
        const path = `/type-${encodeURIComponent(type)}`
        await assertDocumentRefused(
          connect,
          publisher.publish(path, documentAt(publisher, path), { 'content-type': type }),
          503,
        )
      })
    }

    it('negative test, client ID metadata document: no JSON: sends malformed JSON', async () => {
      for (const [index, body] of ['', '{', '<html>', '\ufeff\u0000'].entries()) {
        await assertDocumentRefused(connect, publisher.publish(`/nonsense-${index}`, body), 503)
      }
    })

    it('sends bytes that are not UTF-8', async () => {
      const id = publisher.reply('/bytes', (response) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22])),
      )
      await assertDocumentRefused(connect, id, 503)
    })

    it('negative test, client ID metadata document: more than 5 KB: sends one byte more, with or without a content-length', async () => {
      const path = '/large'
      const padded = (bytes: number): string => good(path).padEnd(bytes, ' ')
      await assertDocumentRefused(connect, publisher.publish(path, padded(5121)), 503)
      const id = publisher.reply(path, (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        for (const character of padded(5121)) response.write(character)
        response.end()
      })
      await connect.passTime(10)
      await assertDocumentRefused(connect, id, 503)
      assert.equal(publisher.timesAsked(path), 2)
      const client = documentClient(connect, publisher.publish(path, padded(5120)))
      await connect.passTime(10)
      tokensOf(await client.redeem(await codeFor(connect, client)))
    })

    it('C05: sends a compression bomb', async () => {
      const path = '/bomb'
      const packed = (text: string): string =>
        publisher.reply(path, (response) =>
          response
            .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
            .end(gzipSync(text)),
        )
      const bomb = good(path).padEnd(2_000_000, ' ')
      assert.ok(gzipSync(bomb).length < 5120)
      await assertDocumentRefused(connect, packed(bomb), 503)
      const client = documentClient(connect, packed(good(path)))
      await connect.passTime(10)
      tokensOf(await client.redeem(await codeFor(connect, client)))
    })

    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'nonsense', 'gzip']) {
      it(`compresses it with ${encoding}, or only claims to`, async () => {
        const path = `/packed-${encodeURIComponent(encoding)}`
        const headers = { 'content-encoding': encoding }
        await assertDocumentRefused(
          connect,
          publisher.publish(path, documentAt(publisher, path), headers),
          503,
        )
      })
    }

    it('negative test, client ID metadata document: slow server: never answers', async () => {
      const id = publisher.reply('/silent', () => undefined)
      await assertDocumentRefused(await startWith({ ...publisher.reach, timeoutMs: IMPATIENT_MS }), id, 503)
    })

    it('C05: sends it slowly and exceeds the time limit', async () => {
      const id = publisher.reply('/drip', (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      })
      const start = performance.now()
      await assertDocumentRefused(await startWith({ ...publisher.reach, timeoutMs: IMPATIENT_MS }), id, 503)
      // At this rate the whole body takes 5 KB times 20 ms.
      assert.ok(performance.now() - start < 10_000)
    })

    it('closes the connection halfway', async () => {
      const id = publisher.reply('/broken', (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{')
        setImmediate(() => response.destroy())
      })
      await assertDocumentRefused(connect, id, 503)
    })
  })

  describe('is not fetched from', () => {
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      '169.254.1.1',
      '169.254.169.254',
      '169.254.170.2',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '64:ff9b::a00:1',
      '2002:7f00:1::',
      'fe80::1',
      'fd00:ec2::254',
    ]) {
      it(`negative test, client ID metadata document: private address: ${address}`, async () => {
        const path = '/private'
        const id = publisher.publishClient(path)
        const family = address.includes(':') ? 6 : 4
        const resolve = (): Promise<{ address: string; family: number }[]> =>
          Promise.resolve([
            { address: '93.184.216.34', family: 4 },
            { address, family },
          ])
        const guarded = await startWith({ ...publisher.reach, isForbidden: isSpecialUse, resolve })
        await assertDocumentRefused(guarded, id, 503)
        assert.equal(publisher.timesAsked(path), 0)
      })
    }

    it('C05: an address that a second name resolution would give', async () => {
      const path = '/rebound'
      const id = publisher.publishClient(path)
      let looks = 0
      let knocks = 0
      const trap = createServer((socket) => {
        knocks += 1
        socket.destroy()
      })
      const port = Number(publisher.host.split(':')[1])
      trap.listen(port, '127.0.0.2')
      await once(trap, 'listening')
      const rebinding: Reach = {
        ...publisher.reach,
        resolve: () => {
          looks += 1
          return Promise.resolve([{ address: looks === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
        },
      }
      const guarded = await startWith(rebinding)
      const page = await guarded.browser().open(documentClient(guarded, id).authorizationUrl())
      trap.close()
      assert.ok(page.url.startsWith(guarded.organisation.identityProvider.origin), page.text)
      assert.deepEqual([looks, publisher.timesAsked(path), knocks], [1, 1, 0])
    })

    it('C05: an IP address in place of a host name', async () => {
      const path = '/literal'
      publisher.publishClient(path)
      const host = publisher.host.replace('localhost', '127.0.0.1')
      const reach = { ...publisher.reach, isForbidden: isSpecialUse }
      const guarded = await startConnect({ reach, settings: { CONNECT_CLIENT_HOSTS: host } })
      await assertDocumentRefused(guarded, `https://${host}${path}`, 503)
      assert.equal(publisher.timesAsked(path), 0)
    })

    it('a host that does not resolve', async () => {
      const id = publisher.publishClient('/nowhere')
      const guarded = await startWith({ ...publisher.reach, resolve: () => Promise.resolve([]) })
      await assertDocumentRefused(guarded, id, 503)
    })
  })
})
