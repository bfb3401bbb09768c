import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { startRegistry, type StartedRegistry } from '../support/registry.ts'
import { call } from './support/call.ts'
import { createKey, graphql } from './support/graphql.ts'

const ME = 'query Me { me { name email isAdmin role { name } roles { name } } }'
const SWITCH = `mutation ($roleName: String!) {
  switchRole(roleName: $roleName) {
    __typename
    ... on Me { role { name } }
    ... on OperationError { message name }
    ... on InvalidInput { errors { name path message } }
  }
}`
const [WRITER, READER] = [{ name: 'ReadWriteQuiltBucket' }, { name: 'ReadQuiltBucket' }]

describe("The demo Registry's GraphQL", () => {
  let registry: StartedRegistry
  let token: string

  beforeEach(async () => {
    registry = await startRegistry()
    token = await registry.tokenOf(ADA)
  })

  async function bucketsOf(authorization: string): Promise<string[]> {
    const query = '{ buckets { name } configs: bucketConfigs { name } }'
    const { data } = await graphql(registry, authorization, { query })
    const { buckets, configs } = data as Record<'buckets' | 'configs', { name: string }[]>
    assert.deepEqual(configs, buckets, 'the demo has no admins, who would see more')
    return buckets.map(({ name }) => name)
  }

  it('answers the documented query of the user, with and without the scheme', async () => {
    const [ada, grace] = [token, await registry.tokenOf(GRACE)]
    const me = { name: 'ada', email: ADA.email, isAdmin: true, role: WRITER, roles: [WRITER, READER] }
    for (const authorization of [ada, `Bearer ${ada}`]) {
      const answer = await graphql(registry, authorization, { query: ME })
      assert.deepEqual(answer, { status: 200, data: { me }, messages: [] })
    }
    const { data } = await graphql(registry, grace, { query: ME })
    const expected = { name: 'grace', email: GRACE.email, isAdmin: false, role: READER, roles: [READER] }
    assert.deepEqual(data, { me: expected })
  })

  it('shows the buckets of the user’s role', async () => {
    assert.deepEqual(await bucketsOf(token), ['quilt-open-data', 'quilt-lab'])
    assert.deepEqual(await bucketsOf(await registry.tokenOf(GRACE)), ['quilt-open-data'])
  })

  it('answers the bucket query of quilt-mcp, and null for a bucket outside the role', async () => {
    const grace = await registry.tokenOf(GRACE)
    const query = `query ($name: String!) {
      bucketConfig(name: $name) {
        name title description iconUrl relevanceScore browsable tags tabulatorTables { name config }
      }
    }`
    const { data } = await graphql(registry, grace, { query, variables: { name: 'quilt-open-data' } })
    const named = { name: 'quilt-open-data', title: 'Open data', description: null, iconUrl: null }
    const rest = { relevanceScore: 0, browsable: false, tags: [], tabulatorTables: [] }
    assert.deepEqual(data, { bucketConfig: { ...named, ...rest } })
    for (const name of ['quilt-lab', 'nothing', 'constructor']) {
      const other = await graphql(registry, grace, { query, variables: { name } })
      assert.deepEqual([other.status, other.data], [200, { bucketConfig: null }])
    }
  })

  it('refuses every query for admins', async () => {
    for (const query of [
      'query GetUser($name: String!) { admin { user { get(name: $name) { name role { ... on ManagedRole { id } } } } } }',
      'query ListRoles { mine: me { name } all: roles { id } }',
      'mutation { admin { user { create(input: {}) { ok } } } }',
    ]) {
      const { status, data, messages } = await graphql(registry, token, { query })
      assert.deepEqual([status, data], [200, null])
      assert.deepEqual(messages, ['Only for admins, and this demo has none.'])
    }
  })

  it('answers changes of Tabulator tables with an error', async () => {
    const query = `mutation {
      one: bucketSetTabulatorTable(bucketName: "quilt-lab", tableName: "t", config: null) { ...Said }
      two: bucketRenameTabulatorTable(bucketName: "quilt-lab", tableName: "t", newTableName: "u") { ...Said }
    }
    fragment Said on BucketSetTabulatorTableResult { __typename ... on OperationError { message context } }`
    const { data } = await graphql(registry, token, { query })
    const said = { __typename: 'OperationError', message: 'This demo has no Tabulator.', context: null }
    assert.deepEqual(data, { one: said, two: said })
  })

  it('switches the role of a user for all their tokens and keys at once', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key' })
    const others = [await registry.tokenOf(ADA), secret]
    const variables = { roleName: READER.name }
    const { data } = await graphql(registry, token, { query: SWITCH, variables })
    assert.deepEqual(data, { switchRole: { __typename: 'Me', role: READER } })
    for (const credential of [token, ...others]) {
      assert.deepEqual(await bucketsOf(credential), ['quilt-open-data'])
    }
    await graphql(registry, token, { query: SWITCH, variables: { roleName: WRITER.name } })
    assert.deepEqual(await bucketsOf(secret), ['quilt-open-data', 'quilt-lab'])
  })

  it('refuses to switch to a role that the user does not have', async () => {
    const grace = await registry.tokenOf(GRACE)
    for (const roleName of [WRITER.name, 'Admin', '', 'constructor']) {
      const { data } = await graphql(registry, grace, { query: SWITCH, variables: { roleName } })
      const { __typename, errors } = (data as { switchRole: { __typename: string; errors: object[] } })
        .switchRole
      assert.equal(__typename, 'InvalidInput')
      assert.deepEqual(Object.keys(errors[0] ?? {}), ['name', 'path', 'message'])
    }
    assert.deepEqual(await bucketsOf(grace), ['quilt-open-data'])
  })

  it('supports variables, fragments, directives, operation names and introspection', async () => {
    const query = `
      query One { buckets { name } }
      query Two($with: Boolean!) { me { ...Who email @include(if: $with) } __type(name: "Me") { kind } }
      fragment Who on Me { name }`
    const variables = { with: false }
    const { data } = await graphql(registry, token, { query, variables, operationName: 'Two' })
    assert.deepEqual(data, { me: { name: 'ada' }, __type: { kind: 'OBJECT' } })
  })

  const wrong: Record<string, [query: unknown, message: RegExp]> = {
    'a field that it does not have': ['{ packages { name } }', /^Cannot query field "packages"/],
    'a field of Object.prototype': ['{ me { role { constructor } } }', /^Cannot query field "constructor"/],
    'an object without fields': ['{ me }', /must have a selection of subfields/],
    'text that is not a query': ['me', /^Syntax Error/],
    'an argument that is missing': ['mutation { switchRole { __typename } }', /roleName.* is required/],
    'a variable that is missing': [SWITCH, /Variable "\$roleName"/],
    'two operations without a name': ['query A { me { name } } query B { me { name } }', /operation name/],
    'a query that is not a string': [42, /^The query must be a string/],
    'a query of too many tokens': ['{ a '.repeat(10_000), /more than 1000 tokens/],
  }
  for (const [which, [query, message]] of Object.entries(wrong)) {
    it(`answers ${which} with an error`, async () => {
      const { status, data, messages } = await graphql(registry, token, { query })
      assert.deepEqual([status, data], [400, undefined])
      assert.match(messages[0] ?? '', message)
    })
  }

  it('checks the credential before the query', async () => {
    const { status, body } = await call(registry, ['POST', '/graphql'], {
      authorization: 'x',
      json: { query: ME },
    })
    assert.deepEqual([status, body], [401, { message: 'Token could not be deserialized' }])
  })
})
