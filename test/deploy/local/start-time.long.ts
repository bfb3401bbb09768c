import assert from 'node:assert/strict'
import { npmStart, portsInARow } from './support/npm-start.ts'

const MAX_START_MS = 10_000

describe('npm start', () => {
  it('is ready within ten seconds when the tools are installed', async () => {
    const began = performance.now()
    const running = npmStart(['--port', String(await portsInARow())])
    await running.line('Ctrl-C stops everything, and forgets connections')
    const took = performance.now() - began
    running.child.kill('SIGTERM')
    await running.end()
    assert.ok(took < MAX_START_MS, `${took} ms`)
  })
})
