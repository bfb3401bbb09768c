import type { Started } from '../../support/start.ts'
import { call } from './call.ts'

interface GraphqlResult {
  readonly status: number
  readonly data: unknown
  readonly messages: readonly string[]
}

export async function graphql(
  registry: Started,
  authorization: string,
  request: { readonly query: unknown; readonly variables?: object; readonly operationName?: string },
): Promise<GraphqlResult> {
  const { status, body } = await call(registry, ['POST', '/graphql'], { authorization, json: request })
  const { data, errors = [] } = body as { data?: unknown; errors?: { message: string }[] }
  return { status, data, messages: errors.map(({ message }) => message) }
}

const CREATE = `mutation ($name: String!, $days: Int) {
  apiKeyCreate(input: { name: $name, expiresInDays: $days }) {
    __typename
    ... on APIKeyCreated { secret apiKey { id name fingerprint createdAt expiresAt lastUsedAt userEmail status } }
    ... on InvalidInput { errors { path name message } }
  }
}`
const CREATE_DEFAULT = `mutation ($name: String!) {
  apiKeyCreate(input: { name: $name }) { ... on APIKeyCreated { secret apiKey { id expiresAt createdAt } } }
}`

export interface CreatedKey {
  readonly __typename: string
  readonly secret: string
  readonly apiKey: { readonly id: string; readonly fingerprint: string } & Readonly<Record<string, unknown>>
}

export async function createKey(
  registry: Started,
  authorization: string,
  wanted: { readonly name: string; readonly days?: number },
): Promise<CreatedKey> {
  const query = wanted.days === undefined ? CREATE_DEFAULT : CREATE
  const { data } = await graphql(registry, authorization, { query, variables: wanted })
  return (data as { apiKeyCreate: CreatedKey }).apiKeyCreate
}
