import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll } from '../support/before-all.ts'
import { readTarget } from '../deploy/images/support/dockerfile.ts'
import { ask, sendUntilUnhealthy } from './support/load-balancer.ts'
import { NOTICE_SECONDS, startTask, type Target } from './support/task.ts'

const TARGETS: readonly Target[] = ['authz', 'consent-ui', 'envoy']
/** Of authz and consent-ui on ECS (`stopTimeout`). */
const MAX_STOP_SECONDS = 30

/** Tries to write into every folder, and prints those where it could. */
const TRY_EVERY_FOLDER = `
const { readdirSync, writeFileSync, rmSync } = require('node:fs')
const written = []
const visit = (folder) => {
  if (folder === '/proc') return
  try { writeFileSync(folder + '/x', ''); rmSync(folder + '/x'); written.push(folder) } catch {}
  let inside = []
  try { inside = readdirSync(folder, { withFileTypes: true }) } catch {}
  for (const each of inside) if (each.isDirectory()) visit((folder === '/' ? '' : folder) + '/' + each.name)
}
visit('/')
console.log(written.join())`

interface LockedPackage {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

/** Packages that package-lock.json needs in production. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  return Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path]) => path)
}

describe('The images', () => {
  const task = beforeAll(startTask)

  for (const name of TARGETS) {
    describe(name, () => {
      it('contains the packages of production, and no package manager', () => {
        const root = task.roots.get(name) ?? ''
        const { packages } = JSON.parse(
          readFileSync(join(root, 'app/node_modules/.package-lock.json'), 'utf8'),
        ) as { packages: Record<string, LockedPackage> }
        assert.deepEqual(Object.keys(packages).sort(), productionPackages().sort())
        assert.deepEqual(
          readdirSync(join(root, 'usr/local/bin')).sort(),
          name === 'envoy' ? ['envoy', 'node'] : ['node'],
        )
      })

      it('is built as the Dockerfile says', () => {
        const { User, Volumes, Entrypoint, Cmd, Healthcheck } = task.container(name).config
        const { user, volumes, entrypoint, command, healthCheck } = readTarget(name)
        assert.deepEqual(
          [User, Object.keys(Volumes).sort(), Entrypoint, command.length === 0 ? [] : Cmd, Healthcheck.Test],
          [user, [...volumes].sort(), entrypoint, command, ['CMD', ...healthCheck]],
        )
      })

      it('runs as its user, without capabilities and with no way to gain any', async () => {
        const status = await task.container(name).status()
        const [user = '', group = ''] = readTarget(name).user.split(':')
        assert.deepEqual(
          ['Uid', 'Gid', 'Groups', 'NoNewPrivs'].map((field) => status.get(field)?.trim()),
          [Array(4).fill(user).join('\t'), Array(4).fill(group).join('\t'), '', '1'],
        )
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
          assert.equal(status.get(set), '0'.repeat(16), set)
        }
      })

      it('can write nowhere but into its own volume', async () => {
        assert.equal(await task.container(name).exec('node', '--eval', TRY_EVERY_FOLDER), `/run/${name}`)
      })
    })
  }

  it('answer the first requests through Envoy', async () => {
    const discovery = await ask(task.port, '/.well-known/oauth-authorization-server')
    assert.equal(discovery.statusCode, 200)
    const service = await ask(task.port, '/mcp/platform/mcp')
    assert.equal(service.statusCode, 401)
    assert.match(service.headers['www-authenticate'] ?? '', /^Bearer .*resource_metadata="https:/)
  })

  it('show consent-ui the folder of the socket of authz, but empty', async () => {
    assert.equal(await task.container('authz').exec('ls', '-A', '/run/authz'), 'authz.sock')
    assert.equal(await task.container('consent-ui').exec('ls', '-A', '/run/authz'), '')
  })

  describe('on SIGTERM', () => {
    it('exit with 0 in their time, and Envoy loses no request', async () => {
      const sending = sendUntilUnhealthy(task.port)
      const envoy = await task.container('envoy').stop()
      const outcomes = await sending
      assert.ok(outcomes.length > 10)
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== '200'),
        [],
      )
      assert.equal(envoy.status, 0)
      assert.ok(envoy.seconds >= NOTICE_SECONDS && envoy.seconds < NOTICE_SECONDS + 5)
      for (const name of ['consent-ui', 'authz'] as const) {
        const { status, seconds } = await task.container(name).stop()
        assert.equal(status, 0)
        assert.ok(seconds < MAX_STOP_SECONDS)
      }
    })
  })
})
