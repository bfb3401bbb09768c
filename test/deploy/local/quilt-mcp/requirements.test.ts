import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { QUILT_MCP_VERSION, REQUIREMENTS } from '../../../../deploy/local/quilt-mcp/installation.ts'

describe('requirements.txt of quilt-mcp', () => {
  it('pins each package to one version with hashes', () => {
    const [, ...packages] = readFileSync(REQUIREMENTS, 'utf8').split(/\n(?=[a-z])/)
    assert.ok(packages.length > 50)
    for (const pinned of packages) {
      assert.match(pinned, /^[\w.-]+==[\w.]+( ; .+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$/)
    }
  })

  it('has the tested version of quilt-mcp', () => {
    assert.equal(QUILT_MCP_VERSION, '0.22.0')
  })
})
