import assert from 'node:assert/strict'
import { readOptions, UsageError } from '../../../deploy/local/command-line.ts'

describe('The command line of npm start', () => {
  it('defaults to the demo on port 8080', () => {
    assert.deepEqual(readOptions([]), { port: 8080, keep: false, verbose: false })
  })

  it('accepts a real Registry, a real MCP server, a port, and --verbose', () => {
    const options = readOptions([
      '--registry',
      'https://registry.example.com',
      '--service',
      'https://mcp.example.com/mcp',
      '--keep',
      '--port=9080',
      '--verbose',
    ])
    assert.deepEqual(options, {
      port: 9080,
      registryUrl: new URL('https://registry.example.com'),
      service: new URL('https://mcp.example.com/mcp'),
      keep: true,
      verbose: true,
    })
  })

  it('accepts quilt-mcp, the open-source Quilt MCP server', () => {
    assert.equal(readOptions(['--service', 'quilt-mcp']).service, 'quilt-mcp')
  })

  it('accepts plain http for this machine', () => {
    assert.equal(readOptions(['--registry', 'http://localhost:8082']).registryUrl?.port, '8082')
  })

  const wrong: [args: string[], problem: RegExp][] = [
    [['--registry', 'http://registry.example.com'], /^--registry must be https/],
    [['--registry', 'registry.example.com'], /^--registry must be a URL/],
    [['--service', 'platform'], /^--service must be a URL/],
    [['--service', 'https://user:secret@mcp.example.com'], /^--service must not have a user name/],
    [['--port', '0'], /^--port must be a number from 1/],
    [['--port', 'x'], /^--port must be a number from 1/],
    [['--port', '65535'], /^--port must be a number from 1/],
    [['more'], /more/],
    [['--registry'], /registry/],
    [['--keeps'], /keeps/],
  ]
  for (const [args, problem] of wrong) {
    it(`refuses "${args.join(' ')}", in one line with the usage`, () => {
      assert.throws(
        () => readOptions(args),
        (error: unknown) => {
          assert.ok(error instanceof UsageError)
          assert.match(error.message, problem)
          assert.match(error.message, /Usage: npm start -- /)
          assert.ok(!error.message.includes('\n') && !error.message.includes('secret'))
          return true
        },
      )
    })
  }
})
