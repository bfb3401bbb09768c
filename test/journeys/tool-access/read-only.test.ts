import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { GENERATIONS } from '../support/generations.ts'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import { sharedStack } from '../support/recorded-stack.ts'
import { beforeAll } from '../../support/before-all.ts'

const READING = ['bucket_list', 'search_packages', 'package_browse', 'object_read']
const CHANGING = ['package_create', 's3_object_put']
const INPUT = { bucket: 'quilt-lab', key: 'note.txt', content: 'changed' }

describe('A read-only client', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  for (const { name, connect } of GENERATIONS) {
    it(`sees and calls only reading tools, and gets the reason for a refusal: ${name}`, async () => {
      const { client } = await connect(stack.mcpUrl, ADA, 'Read only')
      assert.deepEqual((await client.toolNames()).sort(), [...READING].sort())
      assert.match(await client.call('bucket_list', {}), /quilt-lab/)
      const reached = stack.service.requests.length
      await assert.rejects(client.call('s3_object_put', INPUT), /read-only access.*"Read and change"/)
      assert.equal(stack.service.requests.length, reached, 'the call did not reach the service')
    })

    it(`sees and calls everything with full access: ${name}`, async () => {
      const { client } = await connect(stack.mcpUrl, ADA, 'Read and change')
      assert.deepEqual((await client.toolNames()).sort(), [...READING, ...CHANGING].sort())
      assert.match(await client.call('s3_object_put', INPUT), /note\.txt/)
    })
  }

  describe('at the plain HTTP service', () => {
    let reader: ConnectedUser
    let files: string

    before(async () => {
      files = `${stack.origin}/files`
      reader = await connectedUser({ origin: stack.origin, mcpUrl: files }, ADA, 'Read only')
    })

    const ask = (method: string, user: ConnectedUser, path = ''): Promise<RawAnswer> =>
      rawRequest(`${files}${path}`, { method, headers: ['authorization', `Bearer ${user.accessToken}`] })

    it('may read, and nothing else', async () => {
      const list = await ask('GET', reader)
      assert.equal(list.status, 200)
      assert.match(list.body, /quilt-lab\/rna-seq-2026\/README\.md/)
      const file = '/quilt-lab/rna-seq-2026/README.md'
      assert.match((await ask('GET', reader, file)).body, /RNA-seq 2026/)
      const refused = await ask('DELETE', reader, file)
      assert.equal(refused.status, 403)
      assert.match(refused.body, /read-only access/)
      assert.equal((await ask('GET', reader, file)).status, 200)
    })

    it('T13: has a token that is refused at the other service, and the other way round', async () => {
      const at = async (user: ConnectedUser, url: string): Promise<number> =>
        (await rawRequest(url, { headers: ['authorization', `Bearer ${user.accessToken}`] })).status
      const other = await connectedUser(stack, ADA)
      assert.equal(await at(reader, stack.mcpUrl), 401)
      assert.equal(await at(other, files), 401)
      for (const path of ['/files-other', '/filesx', '/mcp/platform-other', '/mcp/platform/mcp/x']) {
        assert.equal(await at(reader, `${stack.origin}${path}`), 404, path)
        assert.equal(await at(other, `${stack.origin}${path}`), 404, path)
      }
    })
  })
})
