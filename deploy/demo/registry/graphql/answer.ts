import { execute, parse, validate, type DocumentNode, type ExecutionResult, GraphQLError } from 'graphql'
import { z } from 'zod'
import { ROLES } from '../../roles.ts'
import type { Account } from '../accounts.ts'
import type { ApiKeys } from '../api-keys.ts'
import { apiKeyCreate, apiKeyRevoke } from './api-key-mutations.ts'
import { asksForAdmin, ONLY_FOR_ADMINS } from './admin.ts'
import { bucketConfig, bucketConfigs } from './bucket-configs.ts'
import { me } from './me.ts'
import { noTabulator } from './no-tabulator.ts'
import { SCHEMA } from './schema.ts'
import { switchRole } from './switch-role.ts'

export interface GraphqlAnswer {
  readonly status: number
  readonly body: object
}

/** The documented queries have fewer than a hundred; more would only keep the machine busy. */
const MAXIMUM_TOKENS = 1000

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})
type GraphqlRequest = z.output<typeof requestSchema>

/** Answers a query or a mutation as this person may see and change things. */
export async function answerGraphql(account: Account, keys: ApiKeys, body: unknown): Promise<GraphqlAnswer> {
  const { data: request } = requestSchema.safeParse(body)
  if (request === undefined) return refused([new GraphQLError('The query must be a string.')])
  const document = read(request.query)
  if (document instanceof GraphQLError) return refused([document])
  if (asksForAdmin(document)) return { status: 200, body: { data: null, errors: [ONLY_FOR_ADMINS] } }
  const errors = validate(SCHEMA, document)
  if (errors.length > 0) return refused(errors)
  const result = await run(document, request, rootOf(account, keys))
  return { status: result.data === undefined ? 400 : 200, body: result }
}

function refused(errors: readonly GraphQLError[]): GraphqlAnswer {
  return { status: 400, body: { errors } }
}

/** The query, or why it is none. */
function read(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAXIMUM_TOKENS })
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

async function run(
  document: DocumentNode,
  request: GraphqlRequest,
  rootValue: object,
): Promise<ExecutionResult> {
  const { variables: variableValues, operationName } = request
  return await execute({ schema: SCHEMA, document, rootValue, variableValues, operationName })
}

/** `buckets` depends on the active role, which a mutation of the same request may have switched. */
function rootOf(account: Account, keys: ApiKeys): object {
  return {
    me: () => me(account, keys),
    buckets: () => ROLES[account.role].buckets,
    bucketConfigs: () => bucketConfigs(account),
    bucketConfig: bucketConfig(account),
    switchRole: switchRole(account, keys),
    apiKeyCreate: apiKeyCreate(account, keys),
    apiKeyRevoke: apiKeyRevoke(account, keys),
    bucketSetTabulatorTable: noTabulator,
    bucketRenameTabulatorTable: noTabulator,
  }
}
