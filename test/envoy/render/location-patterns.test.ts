import assert from 'node:assert/strict'
import { locationPatterns } from '../../../envoy/render/location-patterns.ts'
import { FILES_ENTRY, PLATFORM, PLATFORM_ENTRY, servicesFrom } from '../../support/services.ts'

/** Rewrites a Location as Envoy does; undefined if Envoy refuses it. */
function rewritten(upstream: string, location: string): string | undefined {
  const entry = FILES_ENTRY.replace(/upstream: .*/, `upstream: ${upstream}`)
  const [, service] = servicesFrom(PLATFORM_ENTRY + entry)
  assert.ok(service !== undefined)
  const patterns = new Map(locationPatterns(service))
  const allowed = new RegExp(`^(?:${patterns.get('ALLOWED_LOCATIONS') ?? ''})$`)
  if (!allowed.test(location)) return undefined
  const [match, one = '', two = ''] = new RegExp(patterns.get('UPSTREAM_LOCATION') ?? '').exec(location) ?? []
  return match === undefined ? location : `${service.pathPrefix}${one}${two}`
}

describe('locationPatterns', () => {
  it('rewrites below an upstream without a path', () => {
    for (const upstream of ['https://files.example.com', 'https://files.example.com/']) {
      assert.equal(rewritten(upstream, 'https://files.example.com/a?b'), '/files/a?b')
      assert.equal(rewritten(upstream, '/a'), '/files/a')
      assert.equal(rewritten(upstream, '//evil.example/a'), '/files//evil.example/a')
      assert.equal(rewritten(upstream, '?page=2'), '?page=2')
      assert.equal(rewritten(upstream, 'https://files.example.com.evil.example/'), undefined)
    }
  })

  it('matches a dot of a host only literally', () => {
    assert.equal(rewritten('https://files.example.com/x', 'https://filesxexample.com/x'), undefined)
    assert.equal(rewritten('https://files.example.com/x', 'http://files.example.com:8080/x/y'), '/files/y')
  })

  it('refuses a tab and other control characters, which browsers drop', () => {
    for (const upstream of ['https://files.example.com', 'https://files.example.com/x']) {
      for (const location of [
        '/\t/evil.example',
        '\t//evil.example',
        'a\tb',
        '?a\tb',
        '/x/\t/evil.example',
      ]) {
        assert.equal(rewritten(upstream, location), undefined, JSON.stringify(location))
        assert.equal(rewritten(upstream, location.replace('\t', '\u0001')), undefined)
      }
    }
  })

  it('returns no pattern for an MCP service', () => {
    assert.deepEqual(locationPatterns(PLATFORM), [])
  })
})
