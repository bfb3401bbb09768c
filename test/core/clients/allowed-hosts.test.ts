import assert from 'node:assert/strict'
import process from 'node:process'
import {
  isAllowed,
  isListed,
  parseAllowedHosts,
  staysOnThisComputer,
} from '../../../core/clients/allowed-hosts.ts'

/** The documentation's example, and one entry more with odd spaces and case. */
const DOCUMENTED = parseAllowedHosts(
  'localhost,.benchling.com,.cloud.databricks.com,chat.openai.com,chatgpt.com,claude.ai,claude.com,cursor://,gemini.google.com,vscode.dev,windsurf://, QUILT:// ',
)

describe('CONNECT_ALLOWED_HOSTS', () => {
  for (const [uri, allowed, why] of [
    ['https://claude.ai/api/mcp/auth_callback', true, 'a host that is listed'],
    ['http://claude.ai/cb', false, 'https only'],
    ['https://evil.claude.ai/cb', false, 'a bare host has no subdomains'],
    ['https://claude.ai.evil.com/cb', false, 'a prefix is another host'],
    ['https://CLAUDE.AI./cb', true, 'case and a trailing dot do not matter'],
    ['https://app.us.benchling.com/x', true, 'a subdomain of any depth'],
    ['https://benchling.com/x', false, 'not the apex'],
    ['https://evilbenchling.com/x', false, 'a suffix begins at the dot'],
    ['https://.benchling.com/x', false, 'no subdomain at all'],
    ['https://oregon.cloud.databricks.com/api/2.0/http/oauth/redirect', true, 'as Databricks documents'],
    ['http://localhost:33418/', true, 'localhost, any port'],
    ['http://127.0.0.1:1/cb', true, 'localhost means the address too'],
    ['https://localhost/cb', false, 'loopback is http only'],
    ['http://[::1]:80/', false, '::1 is not documented'],
    ['http://127.0.0.2/cb', false, 'no other loopback address'],
    ['http://localhost.evil.com/cb', false, 'another host'],
    ['http://0.0.0.0/cb', false, 'no loopback address'],
    ['cursor://anysphere.cursor-retrieval/oauth/x', true, 'a scheme that is listed, any host'],
    ['CURSOR://x/y', true, 'schemes have no case'],
    ['cursors://x/y', false, 'another scheme'],
    ['quilt://auth/callback?host=test.quilt.dev', true, 'with a query'],
    ['vscode://x/y', false, 'a scheme that is not listed'],
    ['javascript://claude.ai/%0aalert(1)', false, 'what a browser runs'],
    ['data://claude.ai/text/html,x', false, 'what a browser reads'],
    ['file://claude.ai/etc/passwd', false, 'what a browser reads'],
    ['ftp://claude.ai/cb', false, 'another protocol'],
  ] as const) {
    it(`${allowed ? 'allows' : 'refuses'} ${uri}: ${why}`, () => {
      assert.equal(isAllowed(new URL(uri), DOCUMENTED), allowed)
    })
  }

  for (const entry of [
    'https://',
    'http://',
    'ws://',
    'javascript://',
    'data://',
    'file://',
    'blob://',
    'about://',
    'vbscript://',
    'view-source://',
    'mailto://',
    'filesystem://',
    'https://claude.ai',
    'claude.ai/path',
    'claude.ai:99999',
    'claude.ai:',
    'claude.ai:x',
    'claude.ai:8443/path',
    '*.claude.ai',
    '*',
    '..claude.ai',
    '.',
    '',
    'a b',
  ]) {
    it(`ignores the entry ${JSON.stringify(entry)}`, () => {
      assert.deepEqual(parseAllowedHosts(entry), [])
    })
  }

  for (const [entry, uri, allowed] of [
    ['claude.ai', 'https://claude.ai:443/cb', true],
    ['claude.ai', 'https://claude.ai:8443/cb', false],
    ['claude.ai:443', 'https://claude.ai/cb', true],
    ['claude.ai:8443', 'https://claude.ai:8443/cb', true],
    ['claude.ai:8443', 'https://claude.ai/cb', false],
    ['claude.ai:8443', 'https://claude.ai:8444/cb', false],
    ['claude.ai.:8443', 'https://claude.ai:8443/cb', true],
    ['.benchling.com', 'https://app.benchling.com:8443/cb', false],
    ['.benchling.com:8443', 'https://app.benchling.com:8443/cb', true],
    ['.benchling.com:8443', 'https://app.benchling.com/cb', false],
  ] as const) {
    it(`${allowed ? 'allows' : 'refuses'} ${uri} by the entry ${entry}`, () => {
      assert.equal(isAllowed(new URL(uri), parseAllowedHosts(entry)), allowed)
    })
  }

  for (const [entry, uri, blocked] of [
    ['claude.ai', 'https://claude.ai:8443/cb', true],
    ['.benchling.com', 'https://app.benchling.com:8443/cb', true],
    ['claude.ai:8443', 'https://claude.ai:8443/cb', true],
    ['claude.ai:8443', 'https://claude.ai/cb', false],
  ] as const) {
    it(`${blocked ? 'blocks' : 'does not block'} ${uri} by the entry ${entry}`, () => {
      assert.equal(isListed(new URL(uri), parseAllowedHosts(entry)), blocked)
    })
  }

  it('takes each loopback name for both, at any port', () => {
    for (const entry of ['localhost', '127.0.0.1', 'LOCALHOST.', 'localhost:3000']) {
      for (const uri of ['http://localhost:1/', 'http://127.0.0.1:2/']) {
        assert.ok(isAllowed(new URL(uri), parseAllowedHosts(entry)), `${entry} ${uri}`)
      }
    }
  })

  it('compares a host in one pass, whatever its number of dots', () => {
    const url = new URL(`https://claude${'.'.repeat(60_000)}ai/cb`)
    const before = process.cpuUsage()
    assert.equal(isAllowed(url, DOCUMENTED) || isListed(url, DOCUMENTED) || staysOnThisComputer(url), false)
    const { user, system } = process.cpuUsage(before)
    // For each entry, a pass for each dot took more than a second.
    assert.ok(user + system < 200_000, `${user + system} microseconds`)
  })

  it('allows no loopback unless it is listed', () => {
    assert.ok(!isAllowed(new URL('http://localhost:1/'), parseAllowedHosts('claude.ai,cursor://')))
  })
})

describe('A redirect URI on the user’s computer', () => {
  for (const [uri, stays] of [
    ['http://localhost:1/cb', true],
    ['http://localhost./cb', true],
    ['http://127.0.0.1/cb', true],
    ['http://[::1]:5/cb', true],
    ['https://localhost/cb', false],
    ['http://localhost.evil.com/cb', false],
    ['cursor://localhost/cb', false],
    ['https://claude.ai/cb', false],
  ] as const) {
    it(`is${stays ? '' : ' not'} ${uri}`, () => {
      assert.equal(staysOnThisComputer(new URL(uri)), stays)
    })
  }
})
