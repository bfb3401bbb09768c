import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { findPython } from '../../../../deploy/local/quilt-mcp/find-python.ts'
import { MissingTool } from '../../../../deploy/local/tools/missing-tool.ts'

describe('findPython', () => {
  const { PATH } = process.env
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-python-'))
    process.env.PATH = folder
  })

  afterEach(async () => {
    process.env.PATH = PATH
    await rm(folder, { recursive: true })
  })

  /** A program on PATH that prints this version. */
  async function python(name: string, version: string): Promise<void> {
    const path = join(folder, name)
    await writeFile(path, `#!/bin/sh\necho 'Python ${version}'\n`)
    await chmod(path, 0o755)
  }

  for (const version of ['3.11.2', '3.12.0', '3.14.1']) {
    it(`prefers python3 when it is ${version}`, async () => {
      await python('python3.13', '3.13.0')
      await python('python3', version)
      assert.equal(await findPython(), 'python3')
    })
  }

  for (const version of ['3.10.13', '3.9.18', '2.7.18', '3.15.0', '4.12.0']) {
    it(`uses another Python when python3 is ${version}`, async () => {
      await python('python3', version)
      await python('python3.12', '3.12.1')
      assert.equal(await findPython(), 'python3.12')
    })
  }

  it('names the versions that it needs and the one that it found', async () => {
    await python('python3', '3.10.13')
    await assert.rejects(findPython(), (error: unknown) => {
      assert.ok(error instanceof MissingTool)
      assert.match(
        error.message,
        /^Python 3\.11 to 3\.14 is missing: quilt-mcp \d+\.\d+\.\d+ needs it, and python3 on PATH is 3\.10\.13$/,
      )
      return true
    })
  })

  it('fails when PATH has no python3', async () => {
    await assert.rejects(findPython(), /PATH has no python3$/)
  })
})
