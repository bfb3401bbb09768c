import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { installPython } from '../../local/tools/install-python.ts'
import { MissingTool } from '../../local/tools/missing-tool.ts'

const TEMPLATE = join(import.meta.dirname, '../template.yaml')
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const START = 'from cfnlint.runner import main; main()'

/** `npm run check:template`: cfn-lint, whose warnings are failures. */
try {
  const folder = await installPython('cfn-lint', REQUIREMENTS)
  const args = ['-c', START, '--non-zero-exit-code', 'warning', TEMPLATE]
  const env = { PATH: process.env.PATH, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
  process.exitCode = spawnSync('python3', args, { env, stdio: 'inherit' }).status ?? 1
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
