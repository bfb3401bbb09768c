import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { nodeProblem, platformProblem } from './problems.js'

/** `npm run setup`: installs the npm packages that package-lock.json names. Plain JavaScript, as older Nodes run it. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LOCK = `${ROOT}package-lock.json`
const INSTALLED_LOCK = `${ROOT}node_modules/.lock-installed`
const NPM_CI = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional']

const { platform, arch } = process
const problem =
  platformProblem(platform, arch) ?? install() ?? nodeProblem({ platform, arch, version: nodeOnPath() })
if (problem !== undefined) {
  process.stderr.write(`setup: ${problem}\n`)
  process.exitCode = 1
}

/** Writes to stderr only, so that the output of `npm run -s keys` can be piped. */
function install() {
  const lock = readFileSync(LOCK, 'utf8')
  if (lock === installedLock()) return undefined
  process.stderr.write('setup: installing npm packages (half a minute, once)\n')
  const { status } = spawnSync('npm', NPM_CI, { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (status !== 0) return 'npm ci failed'
  copyFileSync(LOCK, INSTALLED_LOCK)
  return undefined
}

function installedLock() {
  try {
    return readFileSync(INSTALLED_LOCK, 'utf8')
  } catch {
    return undefined
  }
}

/** npm puts node_modules/.bin first on the PATH of its scripts. */
function nodeOnPath() {
  const { stdout, status } = spawnSync('node', ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
