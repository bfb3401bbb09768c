import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../support/child-environment.ts'
import { readTarget } from './support/dockerfile.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The files of the image in a folder; building it takes minutes (test/images). */
describe('The image of consent-ui', () => {
  let app: string

  before(() => {
    app = mkdtempSync(join(tmpdir(), 'connect-image-'))
    const copies = readTarget('consent-ui').all('COPY')
    for (const copy of copies.filter((text) => !text.startsWith('--from='))) {
      const paths = copy.split(' ').slice(0, -1)
      for (const path of paths) {
        mkdirSync(dirname(join(app, path)), { recursive: true })
        cpSync(join(ROOT, path), join(app, path), { recursive: true })
      }
    }
    symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  })
  after(() => {
    rmSync(app, { recursive: true })
  })

  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['deploy/connect/main.ts', ...words], {
      cwd: app,
      env: childEnvironment({}),
      encoding: 'utf8',
    })

  it('contains what the operator’s commands need', () => {
    const { status, stdout, stderr } = run('--help')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /why +explains/)
    assert.match(run('keys', 'new', 'sealing').stdout, /"connect-sealing\./)
    assert.match(run('check').stdout, /skipped +configuration: consent-ui/)
  })

  it('has no log of npm start, and says which files why needs', () => {
    const { status, stderr } = run('why', 'abcdef12')
    assert.equal(status, 2)
    assert.match(stderr, /name the log files with --logs/)
  })
})
