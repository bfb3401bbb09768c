import assert from 'node:assert/strict'
import { audienceOf, protectedResources, serviceNamed } from '../../../core/services/service.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { ORIGIN } from '../support/keys.ts'

describe('The services', () => {
  const services = [PLATFORM, FILES]
  const documents = protectedResources(ORIGIN, services)

  it('are found by name', () => {
    assert.equal(serviceNamed(services, 'files'), FILES)
    for (const name of ['', 'Files', 'constructor'])
      assert.throws(() => serviceNamed(services, name), TypeError)
  })

  it('have one audience each, without the default port', () => {
    assert.equal(audienceOf(ORIGIN, PLATFORM), 'https://connect.example.com/mcp/platform')
    assert.equal(audienceOf(ORIGIN, FILES), 'https://connect.example.com/files')
  })

  it('have a document per path that names the URL a client connects to', () => {
    for (const service of services) {
      for (const path of service.paths) {
        assert.deepEqual(documents.get(path), { resource: `${ORIGIN}${path}`, service })
      }
    }
    assert.equal(documents.size, 5)
  })

  it('have a root document for the default service', () => {
    assert.deepEqual(documents.get(''), { resource: `${ORIGIN}/mcp/platform`, service: PLATFORM })
  })
})
