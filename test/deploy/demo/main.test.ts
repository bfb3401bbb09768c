import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../support/child-environment.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

type Environment = Record<string, string>

const SECRET = 'a-secret-that-must-not-be-logged'
const SERVERS: Record<string, { environment: Environment; path: string }> = {
  'identity-provider': {
    environment: {
      DEMO_IDP_LISTEN: '127.0.0.1:0',
      DEMO_IDP_ISSUER: 'http://localhost:4001',
      DEMO_IDP_CLIENT_ID: 'connect',
      DEMO_IDP_CLIENT_SECRET: SECRET,
      DEMO_IDP_REDIRECT_URIS: 'http://localhost:4000/connect/callback',
    },
    path: '/.well-known/openid-configuration',
  },
  registry: {
    environment: {
      DEMO_REGISTRY_LISTEN: '127.0.0.1:0',
      DEMO_REGISTRY_IDENTITY_PROVIDER: 'http://localhost:4001',
      DEMO_REGISTRY_CLIENT_ID: 'connect',
      DEMO_REGISTRY_CLIENT_SECRET: SECRET,
    },
    path: '/healthcheck',
  },
  'platform-mcp': {
    environment: {
      DEMO_PLATFORM_MCP_LISTEN: '127.0.0.1:0',
      DEMO_PLATFORM_MCP_REGISTRY_URL: 'http://localhost:4002',
    },
    path: '/healthz',
  },
}

/** Starts the server in its own process, with these variables only. */
function run(name: string, environment: Environment) {
  const main = fileURLToPath(new URL(`../../../deploy/demo/${name}/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [main], {
    env: childEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  closeAfterAll(() => void child.kill('SIGKILL'))
  return child
}

for (const [name, { environment, path }] of Object.entries(SERVERS)) {
  describe(`${name}/main.ts`, () => {
    it('serves, logs each request without secrets, and stops at SIGTERM', async () => {
      const child = run(name, environment)
      const complaints = text(child.stderr)
      const lines: string[] = []
      const reader = createInterface(child.stdout)
      reader.on('line', (line) => lines.push(line))
      await once(reader, 'line')
      const { port } = JSON.parse(lines[0] ?? '') as { port: number }

      const headers = { authorization: `Bearer ${SECRET}`, cookie: `demo=${SECRET}` }
      const answer = await fetch(`http://127.0.0.1:${port}${path}?code=${SECRET}`, { headers })
      assert.equal(answer.status, 200)
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'exit'), [0, null])

      const requests = lines.map((line) => JSON.parse(line) as Environment).filter((line) => 'path' in line)
      assert.deepEqual(
        requests.map((line) => [line.method, line.path, line.status]),
        [['GET', path, 200]],
      )
      assert.ok(!lines.join('\n').includes(SECRET))
      assert.equal(await complaints, '')
    })

    it('does not start without a required variable, and names each', async () => {
      const child = run(name, {})
      const complaints = await text(child.stderr)
      assert.notEqual((await once(child, 'close'))[0], 0)
      const required = Object.keys(environment).filter((variable) => !variable.endsWith('_SECONDS'))
      for (const variable of required) assert.ok(complaints.includes(`${variable} is required`), variable)
    })
  })
}

describe('identity-provider/main.ts', () => {
  it('does not start with an address or an issuer that other machines could reach', async () => {
    const reachable = { DEMO_IDP_LISTEN: '0.0.0.0:4001', DEMO_IDP_ISSUER: 'https://login.example.com' }
    const child = run('identity-provider', { ...SERVERS['identity-provider']?.environment, ...reachable })
    const complaints = await text(child.stderr)
    assert.match(complaints, /DEMO_IDP_LISTEN must be 127\.0\.0\.1:port/)
    assert.match(complaints, /DEMO_IDP_ISSUER must be on this machine/)
  })
})
