import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { isDocumentHost } from '../../../consent-ui/clients/document-hosts.ts'
import { readClientSettings } from '../../../consent-ui/config/client-settings.ts'
import { ConfigurationError, type Environment } from '../../../core/config/environment.ts'

const HOST = { CONNECT_ORIGIN: 'https://connect.example', CONNECT_ALLOWED_HOSTS: 'claude.ai,localhost' }
const CLIENT = { client_id: 'x', client_name: 'X', redirect_uris: ['https://claude.ai/cb'] }

function problemsOf(environment: Environment): readonly string[] {
  try {
    readClientSettings({ ...HOST, ...environment })
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The settings of clients', () => {
  it('configure no client by default, and the hosts of known documents', () => {
    const settings = readClientSettings(HOST)
    assert.deepEqual(settings.configured, [])
    assert.deepEqual(
      settings.clientHosts,
      new Set([
        ...['claude.ai', 'chatgpt.com', 'vscode.dev', 'zed.dev'],
        'https://opencode.ai/oauth/opencode/client.json',
        'https://github.com/copilot/cli/client-metadata.json',
        'https://goose-docs.ai/oauth/client-metadata.json',
      ]),
    )
    assert.equal(settings.fetchesFromAnywhere, false)
  })

  it('accept hosts, with a port other than 443', () => {
    const { clientHosts } = readClientSettings({
      ...HOST,
      CONNECT_CLIENT_HOSTS: ' A.example:443, b.example:8443 ,',
    })
    assert.deepEqual([...clientHosts], ['a.example', 'b.example:8443'])
  })

  it('accept single documents by their exact URLs', () => {
    const url = 'https://a.example/Client.json'
    const { clientHosts } = readClientSettings({ ...HOST, CONNECT_CLIENT_HOSTS: `${url}, B.example` })
    assert.deepEqual([...clientHosts], [url, 'b.example'])
    for (const [document, isNamed] of [
      [url, true],
      ['https://a.example/client.json', false],
      ['https://a.example/Client.json?x=y', false],
      ['https://a.example/other', false],
      ['https://b.example/any', true],
    ] as const) {
      assert.equal(isDocumentHost(new URL(document), [], clientHosts), isNamed, document)
    }
  })

  for (const value of [
    'Public',
    'any ',
    'ANY',
    'true',
    'false',
    '0',
    'off',
    'private',
    'publik',
    'any,public',
  ]) {
    it(`C05: a mistyped safety flag fails closed: ${JSON.stringify(value)}`, () => {
      const environment = { CONNECT_ORIGIN: 'http://localhost:1', CONNECT_CLIENT_ADDRESSES: value }
      assert.deepEqual(problemsOf(environment), ['CONNECT_CLIENT_ADDRESSES must be public or any'])
    })
  }

  it('C05: a safety flag may be off only on this machine', () => {
    const off = { CONNECT_CLIENT_ADDRESSES: 'any' }
    assert.equal(problemsOf(off).length, 1)
    const local = { ...HOST, ...off, CONNECT_ORIGIN: 'http://localhost:1' }
    assert.equal(readClientSettings(local).fetchesFromAnywhere, true)
  })

  const list = (...clients: object[]): Environment => ({ CONNECT_CLIENTS: JSON.stringify(clients) })
  const hashed = (secret: string) => ({ secret_sha256: createHash('sha256').update(secret).digest('hex') })
  for (const [what, environment] of Object.entries<Environment>({
    'clients that are not JSON': { CONNECT_CLIENTS: 'x' },
    'clients that are not a list': { CONNECT_CLIENTS: '{}' },
    'a client that is a URL': list({ ...CLIENT, client_id: 'https://x.example/y' }),
    'a client without a name': list({ ...CLIENT, client_name: '' }),
    'a client without redirect URIs': list({ ...CLIENT, redirect_uris: [] }),
    'a client whose redirect URI is not allowed': list({
      ...CLIENT,
      redirect_uris: ['https://evil.example/cb'],
    }),
    'a client whose redirect URI is a script': list({ ...CLIENT, redirect_uris: ['javascript:alert(1)'] }),
    'a client with its secret in the clear': list({ ...CLIENT, secret: 'x' }),
    'a client with a secret that is not hashed': list({ ...CLIENT, secret_sha256: 'password-7' }),
    'a client with a well-known secret': list({ ...CLIENT, ...hashed('changeme') }),
    'a client with an empty secret': list({ ...CLIENT, ...hashed('') }),
    'a client with a method and no secret': list({
      ...CLIENT,
      token_endpoint_auth_method: 'client_secret_post',
    }),
    'a client with another method': list({ ...CLIENT, ...hashed('x7'), token_endpoint_auth_method: 'none' }),
    'two clients with one client_id': list(CLIENT, CLIENT),
    'an allowed host that is a wildcard': { CONNECT_ALLOWED_HOSTS: '*.example.com' },
    'a host that is a URL': { CONNECT_CLIENT_HOSTS: 'https://x.example' },
    'a document over plain http': { CONNECT_CLIENT_HOSTS: 'http://x.example/client' },
    'a host that is a wildcard': { CONNECT_CLIENT_HOSTS: '*' },
    'a host that is a whole domain': { CONNECT_CLIENT_HOSTS: '.example.com' },
  })) {
    it(`are refused for ${what}, in one line without a value`, () => {
      const problems = problemsOf(environment)
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.ok(problems[0]?.startsWith(`${Object.keys(environment)[0] ?? ' '} `))
      assert.doesNotMatch(problems[0] ?? '', /password-7|evil\.example/)
    })
  }
})
