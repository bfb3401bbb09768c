import assert from 'node:assert/strict'
import { findRoute } from '../../../authz/decide/route.ts'
import { FILES, PLATFORM } from '../../support/services.ts'

describe('findRoute', () => {
  const table: [service: string | undefined, path: string | undefined, found: string | undefined][] = [
    ['platform', '/mcp/platform/mcp', 'platform'],
    ['platform', '/mcp', 'platform'],
    ['files', '/files', 'files'],
    ['files', '/mcp', undefined],
    ['platform', '/files', undefined],
    ['platform', '/mcp/', undefined],
    ['Platform', '/mcp', undefined],
    ['', '', undefined],
    ['platform', undefined, undefined],
    [undefined, '/mcp', undefined],
    ['__proto__', '/mcp', undefined],
  ]
  for (const [service, path, found] of table) {
    it(`finds ${found ?? 'nothing'} for ${service ?? 'no service'} at ${path ?? 'no path'}`, () => {
      assert.equal(findRoute([PLATFORM, FILES], { service, path, reads: undefined })?.service.name, found)
    })
  }
})
