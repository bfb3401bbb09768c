import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { startRegistry, type StartedRegistry } from '../support/registry.ts'
import { call } from './support/call.ts'

const OBJECTS = 'quilt-open-data'
const PACKAGES = 'quilt-open-data_packages'
const IRIS = ['examples/iris/README.md', 'examples/iris/iris.csv']

interface Found {
  readonly hits: {
    readonly total: { readonly value: number }
    readonly hits: readonly { readonly _index: string; readonly _source: Record<string, string> }[]
  }
}

describe("The demo Registry's search", () => {
  let registry: StartedRegistry
  let ada: string

  beforeEach(async () => {
    registry = await startRegistry()
    ada = await registry.tokenOf(ADA)
  })

  async function ask(authorization: string, wanted: Record<string, string>) {
    const parameters = new URLSearchParams({ action: 'freeform', size: '50', ...wanted })
    return await call(registry, ['GET', `/api/search?${parameters.toString()}`], { authorization })
  }

  async function find(query: object, { index = OBJECTS, size = '50' } = {}): Promise<Found['hits']> {
    const { status, body } = await ask(ada, { index, size, body: JSON.stringify({ from: 0, query }) })
    assert.equal(status, 200, JSON.stringify(body))
    return (body as Found).hits
  }

  async function keys(query: object): Promise<(string | undefined)[]> {
    return (await find(query)).hits.map(({ _source }) => _source.key)
  }

  const words = (query: string): object => ({ query_string: { query } })

  it('finds objects by any word, with wildcards and escapes', async () => {
    assert.deepEqual(await keys(words('IRIS nothing')), IRIS)
    assert.deepEqual(await keys(words('examples\\/iris')), IRIS)
    assert.deepEqual(await keys(words('exam*.csv')), IRIS.slice(1))
    assert.deepEqual(await keys(words('csv*exam')), [])
    assert.equal((await keys(words('*'))).length, 4)
    assert.deepEqual(await keys(words('nothing')), [])
  })

  it('filters by extension and size', async () => {
    const narrowed = (filter: object): object => ({ bool: { must: [words('iris')], filter: [filter] } })
    assert.deepEqual(await keys(narrowed({ terms: { ext: ['csv', 'tsv'] } })), IRIS.slice(1))
    assert.deepEqual(await keys(narrowed({ range: { size: { gt: 62 } } })), IRIS.slice(1))
    assert.deepEqual(await keys(narrowed({ range: { size: { gte: 62, lte: 62 } } })), IRIS.slice(0, 1))
    assert.deepEqual(await keys(narrowed({ range: { nothing: { lt: 100 } } })), [])
  })

  it('finds packages separately from their entries', async () => {
    const found = await find(words('iris'), { index: PACKAGES })
    const of = (field: string) => found.hits.flatMap(({ _source }) => _source[field] ?? [])
    assert.deepEqual(of('ptr_name'), ['examples/iris'])
    assert.deepEqual(of('entry_lk'), ['README.md', 'data/iris.csv'])
    for (const name of of('entry_pk')) assert.match(name, /^examples\/iris@[0-9a-f]{64}$/)
    const manifests = { bool: { must: [{ exists: { field: 'ptr_name' } }, words('*')] } }
    assert.equal((await find(manifests, { index: PACKAGES })).hits.length, 2)
  })

  it('searches several indexes, and returns at most `size` hits', async () => {
    const found = await find(words('iris'), { index: `${OBJECTS},${PACKAGES}`, size: '3' })
    assert.deepEqual(
      found.hits.map(({ _index }) => _index),
      [OBJECTS, OBJECTS, PACKAGES],
    )
    assert.equal(found.total.value, 5)
  })

  it('returns 403 for indexes outside the role or unknown', async () => {
    const grace = await registry.tokenOf(GRACE)
    const body = JSON.stringify({ query: words('*') })
    for (const index of ['quilt-lab', 'quilt-lab_packages', `${OBJECTS},quilt-lab`, '*', '_all', 'nothing']) {
      assert.equal((await ask(grace, { index, body })).status, 403, index)
    }
    assert.equal((await ask(ada, { index: 'quilt-lab', body })).status, 200)
    assert.equal((await ask('unknown', { index: OBJECTS, body })).status, 401)
  })

  it('returns 400 for a request that it does not support', async () => {
    const body = JSON.stringify({ query: words('*') })
    const wrong: Record<string, string>[] = [
      { body: '{' },
      { body: '{}' },
      { body: JSON.stringify({ query: { match_all: {} } }) },
      { body: JSON.stringify({ query: { bool: { must_not: [words('iris')] } } }) },
      { body, action: 'other' },
      { body, size: '-1' },
      { body, index: '' },
    ]
    for (const parameters of wrong) {
      const answer = await ask(ada, { index: OBJECTS, ...parameters })
      assert.deepEqual(
        [answer.status, answer.body],
        [400, { message: 'The demo does not support this search.' }],
      )
    }
  })
})
