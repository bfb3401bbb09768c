import assert from 'node:assert/strict'
import { createFiles } from '../../../../deploy/demo/files/server.ts'
import { ADA, GRACE, type DemoPerson } from '../../../../deploy/demo/people.ts'
import { startRegistry, type StartedRegistry } from '../support/registry.ts'
import { SILENT, start, type Started } from '../support/start.ts'

const LAB_FILE = '/files/quilt-lab/rna-seq-2026/README.md'

describe('The demo service of sample files', () => {
  let registry: StartedRegistry
  let service: Started

  beforeEach(async () => {
    registry = await startRegistry()
    service = await start(() => createFiles({ registryUrl: new URL(registry.origin), log: SILENT }))
  })

  async function ask(person: DemoPerson, path: string, request: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${await registry.tokenOf(person)}` }
    return await fetch(`${service.origin}${path}`, { ...request, headers })
  }

  it('lists the files of the user’s role', async () => {
    for (const path of ['/files', '/files/']) {
      const { user, files } = (await (await ask(ADA, path)).json()) as { user: string; files: string[] }
      assert.equal(user, 'ada')
      assert.ok(files.includes('quilt-lab/rna-seq-2026/README.md'))
    }
    const { files } = (await (await ask(GRACE, '/files')).json()) as { files: string[] }
    assert.ok(files.length > 0 && files.every((name) => name.startsWith('quilt-open-data/')))
  })

  it('reads, replaces and deletes a file for a user who may change it', async () => {
    assert.match(await (await ask(ADA, LAB_FILE)).text(), /RNA-seq 2026/)
    assert.equal((await ask(ADA, LAB_FILE, { method: 'POST', body: 'new' })).status, 204)
    assert.equal(await (await ask(ADA, LAB_FILE)).text(), 'new')
    assert.equal((await ask(ADA, LAB_FILE, { method: 'DELETE' })).status, 204)
    for (const method of ['GET', 'DELETE']) assert.equal((await ask(ADA, LAB_FILE, { method })).status, 404)
    assert.equal((await ask(ADA, LAB_FILE, { method: 'PUT', body: 'x' })).status, 405)
  })

  it('returns 403 for a change by a read-only user, and 404 for a file outside their role', async () => {
    assert.equal((await ask(GRACE, LAB_FILE)).status, 404)
    const open = '/files/quilt-open-data/examples/iris/README.md'
    assert.equal((await ask(GRACE, open)).status, 200)
    assert.equal((await ask(GRACE, open, { method: 'DELETE' })).status, 403)
    assert.equal((await ask(GRACE, open)).status, 200)
  })

  it('returns 401 without a credential that the Registry accepts', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      assert.equal((await fetch(`${service.origin}/files`, { headers })).status, 401)
    }
    assert.equal((await fetch(`${service.origin}/healthz`)).status, 200)
  })
})
