import assert from 'node:assert/strict'
import fc from 'fast-check'
import { documentUrlFault, isDocumentHost } from '../../../consent-ui/clients/document-hosts.ts'
import type { Registration } from '../../../consent-ui/clients/registration.ts'
import { clientSecret, openClient, sealClient } from '../../../consent-ui/clients/sealed-client.ts'
import { isSpecialUse } from '../../../consent-ui/clients/special-use-addresses.ts'
import { isAllowed, parseAllowedHosts } from '../../../core/clients/allowed-hosts.ts'
import { isRegistered, redirectUriFault } from '../../../consent-ui/oauth/redirect-uri.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { operatorKey, ringOf } from '../support/keys.ts'

const KEY = operatorKey('2026-11')
const RING = ringOf(KEY)

const uri = fc
  .tuple(
    fc.constantFrom('https://claude.ai/', 'http://localhost/', 'cursor://x/'),
    fc.stringMatching(/^[\w/.~!$&'()*+,;=:@%-]{0,39}$/),
  )
  .map((parts) => parts.join(''))
const registration: fc.Arbitrary<Registration> = fc.record({
  name: fc.string({ maxLength: 30 }),
  redirectUris: fc.array(uri, { minLength: 1, maxLength: 3 }),
  authentication: fc.record({ method: fc.constantFrom('none', 'client_secret_basic', 'client_secret_post') }),
})
const label = fc.stringMatching(/^[a-z0-9]{1,8}$/)
/** Ends in letters, or a URL parser reads it as an IPv4 address. */
const host = fc.tuple(label, label, fc.constantFrom('com', 'net')).map((labels) => labels.join('.'))

/** fast-check's own webUrl() makes a table of all characters, which takes a second. */
const url = fc
  .tuple(
    fc.constantFrom('http://', 'https://'),
    fc.webAuthority({ withPort: true, withUserInfo: true, withIPv4: true, withIPv6: true }),
    fc.stringMatching(/^(\/[\w.~!$&'()*+,;=:@%-]{0,20}){0,3}$/),
    fc.stringMatching(/^(\?[\w.~!$&'()*+,;=:@%/?-]{0,20})?(#[\w.~!$&'()*+,;=:@%/?-]{0,20})?$/),
  )
  .map((parts) => parts.join(''))

describe('For every registration', () => {
  it('the id opens to it, and to nothing under another host or key', () => {
    fc.assert(
      fc.property(registration, (registered) => {
        const id = sealClient(RING, registered)
        const client = openClient(RING, id)
        assert.deepEqual([client?.name, client?.redirectUris], [registered.name, registered.redirectUris])
        assert.equal(openClient(keyRing('https://connect.other', [KEY]), id), undefined)
        assert.equal(openClient(ringOf(operatorKey('2026-11')), id), undefined)
      }),
    )
  })

  it('an altered id opens to nothing', () => {
    fc.assert(
      fc.property(registration, fc.nat(), fc.integer({ min: 1, max: 255 }), (registered, at, flip) => {
        const bytes = Buffer.from(sealClient(RING, registered), 'base64url')
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip
        assert.equal(openClient(RING, bytes.toString('base64url')), undefined)
      }),
    )
  })

  it('a public client gets the same id again, a confidential one never', () => {
    fc.assert(
      fc.property(registration, (registered) => {
        const ids = [sealClient(RING, registered), sealClient(RING, registered)]
        assert.equal(new Set(ids).size, registered.authentication.method === 'none' ? 1 : 2)
        const secrets = ids.map((id) => clientSecret(RING, id))
        assert.equal(new Set(secrets).size, new Set(ids).size)
        const other = keyRing('https://connect.other', [KEY])
        assert.ok(!secrets.includes(clientSecret(other, ids[0] ?? '')))
      }),
    )
  })

  it('a secret is valid only for its own id', () => {
    fc.assert(
      fc.property(registration, fc.string(), (registered, guess) => {
        const id = sealClient(RING, registered)
        const authentication = openClient(RING, id)?.authentication
        if (authentication?.method !== 'secret') return
        assert.ok(authentication.isSecret(clientSecret(RING, id)))
        for (const wrong of [guess, id, clientSecret(RING, sealClient(RING, registered))]) {
          assert.ok(!authentication.isSecret(wrong))
        }
      }),
    )
  })
})

describe('For every text', () => {
  const texts = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]{1,700}$/))

  it('that we did not issue as an id, there is no client', () => {
    fc.assert(fc.property(texts, (text) => openClient(RING, text) === undefined))
  })

  it('a redirect URI must equal a registered one, except for a loopback port', () => {
    const registered = ['https://claude.ai/cb', 'http://localhost/callback', 'cursor://x/cb']
    const odd = fc.oneof(
      fc.string(),
      url,
      fc.tuple(fc.constantFrom(...registered), fc.string()).map((two) => two.join('')),
    )
    fc.assert(
      fc.property(odd, (text) => {
        const expected = registered.includes(text) || /^http:\/\/localhost(:\d*)?\/callback$/.test(text)
        if (isRegistered(text, registered)) assert.ok(expected, text)
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
        assert.ok(isRegistered(`http://localhost:${port}/callback`, registered))
        assert.ok(!isRegistered(`http://127.0.0.1:${port}/callback`, registered))
        assert.ok(!isRegistered(`https://claude.ai:${port}/cb`, registered))
      }),
    )
  })

  it('an allowed redirect URI has one host by every parser: no user name, upper case or backslash', () => {
    const allowed = parseAllowedHosts('claude.ai,.benchling.com')
    const prefixes = fc.constantFrom(
      'https://claude.ai',
      'https://x.benchling.com',
      'https://',
      'HTTPS://claude.ai',
    )
    const tails = fc.oneof(
      fc.string(),
      fc.constantFrom('@evil.com', '.evil.com', '\\@evil.com', ':1@evil.com/', '%2eevil.com', '%63laude.ai/'),
    )
    fc.assert(
      fc.property(prefixes, tails, (prefix, tail) => {
        const text = prefix + tail
        if (redirectUriFault(text, allowed) !== undefined) return
        const [, written = ''] = /^https:\/\/([^/?#:]+)/i.exec(text) ?? []
        assert.match(written.toLowerCase(), /^(claude\.ai|([a-z0-9-]+\.)+benchling\.com)\.*$/)
      }),
      { numRuns: 500 },
    )
  })
})

describe('For every host', () => {
  it('its entry allows it over https, and no host with a similar start or end', () => {
    fc.assert(
      fc.property(host, label, (name, other) => {
        const allowed = parseAllowedHosts(name)
        const isIn = (text: string): boolean => isAllowed(new URL(text), allowed)
        assert.ok(isIn(`https://${name}/x`))
        assert.ok(isIn(`https://${name.toUpperCase()}./x`))
        assert.ok(!isIn(`http://${name}/x`))
        assert.ok(!isIn(`https://${other}.${name}/x`))
        assert.ok(!isIn(`https://${other}${name}/x`))
        assert.ok(!isIn(`https://${other}.example/${name}`))
      }),
    )
  })

  it('a leading dot allows subdomains and not itself', () => {
    fc.assert(
      fc.property(host, label, (name, other) => {
        const allowed = parseAllowedHosts(`.${name}`)
        assert.ok(isAllowed(new URL(`https://${other}.${name}/`), allowed))
        assert.ok(!isAllowed(new URL(`https://${name}/`), allowed))
        assert.ok(!isAllowed(new URL(`https://${other}x${name}/`), allowed))
      }),
    )
  })

  it('documents are fetched from a named host over https at its own port', () => {
    fc.assert(
      fc.property(host, label, fc.integer({ min: 1, max: 442 }), (name, other, port) => {
        const allowed = parseAllowedHosts(`${name},localhost,cursor://`)
        const isIn = (text: string): boolean => isDocumentHost(new URL(text), allowed, new Set())
        assert.ok(isIn(`https://${name}/x`))
        assert.ok(!isIn(`https://${name}:${port}/x`))
        assert.ok(!isIn(`http://${name}/x`))
        assert.ok(!isIn(`https://${other}.${name}/x`))
        assert.ok(!isIn('https://localhost/x') && !isIn('cursor://x/y'))
      }),
    )
  })

  it('a document URL has one spelling', () => {
    fc.assert(
      fc.property(url, (text) => {
        if (documentUrlFault(text) === undefined) assert.equal(new URL(text).href, text)
      }),
    )
  })
})

describe('For every address', () => {
  it('IPv6 embeds no way to a special IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.ok(isSpecialUse(`::ffff:${address}`))
        assert.ok(isSpecialUse(`::${address}`))
        assert.ok(isSpecialUse(`64:ff9b::${address}`))
      }),
    )
  })

  it('a malformed address is never connected to', () => {
    for (const text of [
      '',
      'localhost',
      '10.0.0',
      '010.0.0.1',
      '0x7f.0.0.1',
      '1.2.3.4.5',
      'fe80::1%eth0',
      '2606:4700::1%1',
    ]) {
      assert.ok(isSpecialUse(text), text)
    }
  })

  for (const [address, isSpecial] of [
    ['93.184.216.34', false],
    ['8.8.8.8', false],
    ['9.255.255.255', false],
    ['11.0.0.0', false],
    ['100.63.255.255', false],
    ['100.127.255.255', true],
    ['100.128.0.0', false],
    ['169.253.255.255', false],
    ['172.15.255.255', false],
    ['172.16.0.0', true],
    ['172.32.0.0', false],
    ['192.167.255.255', false],
    ['198.17.255.255', false],
    ['198.19.255.255', true],
    ['223.255.255.255', false],
    ['2606:4700:4700::1111', false],
    ['2a00:1450:4001:81b::200e', false],
    ['2001:4860:4860::8888', false],
    ['2001::1', true],
    ['2001:db8::1', true],
    ['3fff::1', true],
    ['4000::1', true],
    ['ff02::1', true],
  ] as const) {
    it(`${address} is ${isSpecial ? 'special' : 'public'}`, () =>
      assert.equal(isSpecialUse(address), isSpecial))
  }
})
