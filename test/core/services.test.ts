import assert from 'node:assert/strict'
import { audienceOf, protectedResources, serviceNamed, SERVICES, type Service } from '../../core/services.ts'
import { ORIGIN } from './support/keys.ts'

const FILES: Service = {
  name: 'files',
  title: 'Files',
  pathPrefix: '/files',
  paths: ['/files/v1'],
  scopes: ['files'],
  isDefault: false,
}

describe('The services', () => {
  const services = [...SERVICES, FILES]
  const documents = protectedResources(ORIGIN, services)

  it('are found by name', () => {
    assert.equal(serviceNamed(services, 'files'), FILES)
    for (const name of ['', 'Files', 'constructor'])
      assert.throws(() => serviceNamed(services, name), TypeError)
  })

  it('each have one audience, without a port that is the scheme’s own', () => {
    assert.equal(audienceOf(ORIGIN, SERVICES[0]), 'https://connect.example.com/mcp/platform')
    assert.equal(audienceOf(ORIGIN, FILES), 'https://connect.example.com/files')
  })

  it('have a document for each of their paths, which names the URL that a client connects to', () => {
    for (const service of services) {
      for (const path of service.paths) {
        assert.deepEqual(documents.get(path), { resource: `${ORIGIN}${path}`, service })
      }
    }
    assert.equal(documents.size, 5)
  })

  it('have a root document, of the default service', () => {
    assert.deepEqual(documents.get(''), { resource: `${ORIGIN}/mcp/platform`, service: SERVICES[0] })
  })

  it('that come with us have exactly one default, and share no name, path or audience', () => {
    assert.equal(SERVICES.filter(({ isDefault }) => isDefault).length, 1)
    const paths = SERVICES.flatMap((service) => service.paths)
    for (const names of [SERVICES.map(({ name }) => name), SERVICES.map((s) => s.pathPrefix), paths]) {
      assert.equal(new Set(names).size, names.length)
    }
    for (const path of paths) assert.match(path, /^(\/[a-z0-9-]+)+$/)
  })
})
