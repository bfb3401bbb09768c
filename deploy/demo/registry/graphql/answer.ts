import {
  execute,
  GraphQLError,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
} from 'graphql'
import { z } from 'zod'
import { ROLES } from '../../roles.ts'
import type { Account } from '../accounts.ts'
import type { ApiKeys } from '../api-keys.ts'
import { apiKeyCreate, apiKeyRevoke } from './api-key-mutations.ts'
import { bucketConfig, bucketConfigs } from './bucket-configs.ts'
import { invalidInput } from './invalid-input.ts'
import { me, rolesOf } from './me.ts'
import { SCHEMA } from './schema.ts'

export interface GraphqlAnswer {
  readonly status: number
  readonly body: object
}

/** The documented queries have fewer than 100. */
const MAX_TOKENS = 1000
/** The documented schema has these for admins only; the demo has no admins, and no schema for them. */
const ADMIN_FIELDS = ['admin', 'roles']
const ONLY_FOR_ADMINS = new GraphQLError('Only for admins, and this demo has none.')

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})
type GraphqlRequest = z.output<typeof requestSchema>

/** Runs a query or a mutation with the permissions of the account. */
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

function read(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS })
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

function asksForAdmin({ definitions }: DocumentNode): boolean {
  return definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .flatMap(({ selectionSet }) => selectionSet.selections)
    .some((selection) => selection.kind === Kind.FIELD && ADMIN_FIELDS.includes(selection.name.value))
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
    bucketSetTabulatorTable: refuseTabulator,
    bucketRenameTabulatorTable: refuseTabulator,
  }
}

/** Changes the active role, which all tokens and keys of the account share. */
function switchRole(account: Account, keys: ApiKeys) {
  return ({ roleName }: { roleName: string }) => {
    const role = rolesOf(account).find((name) => name === roleName)
    if (role === undefined) return invalidInput('roleName', 'You do not have this role.')
    account.role = role
    return me(account, keys)
  }
}

function refuseTabulator() {
  return { __typename: 'OperationError', name: 'NoTabulator', message: 'This demo has no Tabulator.' }
}
