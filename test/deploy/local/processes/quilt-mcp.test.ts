import assert from 'node:assert/strict'
import { catalogUrlOf } from '../../../../deploy/local/processes/quilt-mcp.ts'

describe('catalogUrlOf', () => {
  const known: [registryUrl: string, catalogUrl: string][] = [
    ['https://quilt-registry.example.com', 'https://quilt.example.com/'],
    ['https://my-quilt-registry.lab.example.com/', 'https://my-quilt.lab.example.com/'],
    ['https://quilt-registry.example.com:8443', 'https://quilt.example.com:8443/'],
    ['https://registry.example.com', 'https://registry.example.com/'],
    ['https://quilt.a-registry.example.com', 'https://quilt.a-registry.example.com/'],
    ['http://localhost:8082', 'http://localhost:8082/'],
  ]
  for (const [registryUrl, catalogUrl] of known) {
    it(`is ${catalogUrl} for ${registryUrl}`, () => {
      assert.equal(catalogUrlOf(registryUrl), catalogUrl)
    })
  }
})
