import assert from 'node:assert/strict'
import fc from 'fast-check'
import { OAuthError } from '../../../consent-ui/oauth/errors.ts'
import { resourceLookup } from '../../../consent-ui/oauth/resource.ts'
import { FILES, PLATFORM } from '../../support/services.ts'

const OTHER = { ...FILES, name: 'other', pathPrefix: '/mcp/other', paths: ['/mcp/other'] } as const

/** The service's name, or `invalid_target`. */
function serviceOf(resource: string | undefined, origin = 'https://h.example'): string {
  try {
    return resourceLookup(origin, [PLATFORM, OTHER])(resource).name
  } catch (error) {
    assert.ok(error instanceof OAuthError)
    return error.code
  }
}

describe('The resource parameter', () => {
  for (const [resource, service] of [
    [undefined, 'platform'],
    ['https://h.example/mcp/platform', 'platform'],
    ['https://h.example/mcp/platform/mcp', 'platform'],
    ['https://h.example/mcp', 'platform'],
    ['https://h.example:443/mcp/platform', 'platform'],
    ['HTTPS://H.Example/mcp/platform', 'platform'],
    ['https://h.example/mcp/platform/', 'platform'],
    ['https://h.example/mcp/other', 'other'],
    ['https://h.example/mcp/other/', 'other'],
  ] as const) {
    it(`means ${service} if it is ${resource ?? 'absent'}`, () => assert.equal(serviceOf(resource), service))
  }

  for (const resource of [
    'https://h.example',
    'https://h.example/',
    'https://h.example/mcp/platform//',
    'https://h.example//mcp/platform',
    'https://h.example/mcp/Platform',
    'https://h.example/mcp/platformx',
    'https://h.example/mcp/platform/mcp/mcp',
    'https://h.example/mcp/x/../platform',
    'https://h.example/mcp/./platform',
    'https://h.example/mcp/%70latform',
    'https://h.example/mcp/platform?x=y',
    'https://h.example/mcp/platform?',
    'https://h.example/mcp/platform#x',
    'https://h.example/mcp/platform#',
    'https://h.example/mcp/platform ',
    ' https://h.example/mcp/platform',
    'https://h.example\\mcp\\platform',
    'https://h.example:8443/mcp/platform',
    'http://h.example/mcp/platform',
    'https://h.example./mcp/platform',
    'https://user@h.example/mcp/platform',
    'https://:password@h.example/mcp/platform',
    'https://@h.example/mcp/platform',
    'https://h.exampl%65/mcp/platform',
    'https://h.example.evil.com/mcp/platform',
    'https:/h.example/mcp/platform',
    'https:///h.example/mcp/platform',
    '//h.example/mcp/platform',
    '/mcp/platform',
    'platform',
    'urn:h.example:mcp',
    '',
  ]) {
    it(`is refused if it is ${JSON.stringify(resource)}`, () =>
      assert.equal(serviceOf(resource), 'invalid_target'))
  }

  const known = [...PLATFORM.paths, ...OTHER.paths].map((path) => `https://h.example${path}`)

  it('ignores the case of scheme and host, the default port and a final slash', () => {
    const variant = fc.record({
      resource: fc.constantFrom(...known),
      upper: fc.array(fc.boolean(), { minLength: 'https://h.example'.length }),
      port: fc.constantFrom('', ':443'),
      slash: fc.constantFrom('', '/'),
    })
    fc.assert(
      fc.property(variant, ({ resource, upper, port, slash }) => {
        const { origin, pathname } = new URL(resource)
        const written = origin.replace(/./g, (letter, at: number) =>
          upper[at] ? letter.toUpperCase() : letter,
        )
        assert.equal(serviceOf(`${written}${port}${pathname}${slash}`), serviceOf(resource))
      }),
    )
  })

  it('is refused after any other change', () => {
    const inserted = fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' })
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), inserted, (resource, at, text) => {
        const index =
          'https://h.example'.length + 1 + (at % (resource.length - 'https://h.example'.length - 1))
        const changed = `${resource.slice(0, index)}${text}${resource.slice(index)}`
        fc.pre(!known.includes(changed.replace(/\/$/, '')))
        assert.equal(serviceOf(changed), 'invalid_target')
      }),
    )
  })

  it('must have the port if it is not the default', () => {
    assert.equal(serviceOf('http://localhost:4000/mcp', 'http://localhost:4000'), 'platform')
    assert.equal(serviceOf('http://localhost/mcp', 'http://localhost:4000'), 'invalid_target')
  })
})
