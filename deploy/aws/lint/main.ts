import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { MissingTool } from '../../local/tools/missing-tool.ts'
import { TOOLS_FOLDER } from '../../local/tools/tools-folder.ts'

const run = promisify(execFile)

const TEMPLATE = join(import.meta.dirname, '../template.yaml')
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const INSTALL = ['install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile']
const START = 'from cfnlint.runner import main; main()'
const HASH_CHARACTERS = 12

/** `npm run check:template`: cfn-lint, whose warnings are failures. */
try {
  const folder = await installed()
  const args = ['-c', START, '--non-zero-exit-code', 'warning', TEMPLATE]
  const env = { PATH: process.env.PATH, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
  process.exitCode = spawnSync('python3', args, { env, stdio: 'inherit' }).status ?? 1
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

/** Installs cfn-lint once for each version of the requirements. @returns its folder */
async function installed(): Promise<string> {
  const version = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .digest('hex')
    .slice(0, HASH_CHARACTERS)
  const folder = join(TOOLS_FOLDER, `cfn-lint-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(TOOLS_FOLDER, { recursive: true })
  const unfinished = await mkdtemp(join(TOOLS_FOLDER, 'installing-'))
  await run('python3', ['-m', 'pip', ...INSTALL, '-r', REQUIREMENTS, '--target', unfinished]).catch(
    (error: unknown) => {
      const { stderr = '' } = error as { readonly stderr?: string }
      throw new MissingTool(
        'cfn-lint',
        `python3 -m pip install failed (Python 3.11 to 3.14): ${stderr.trim()}`,
      )
    },
  )
  // Renamed last, so that it is never there in part.
  await rename(unfinished, folder)
  return folder
}
