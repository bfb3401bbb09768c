import type { DemoPerson } from '../../../deploy/demo/people.ts'
import type { RoleName } from '../../../deploy/demo/roles.ts'

const SWITCH = 'mutation ($roleName: String!) { switchRole(roleName: $roleName) { __typename } }'

export async function switchRole(
  registryPort: number,
  person: DemoPerson,
  roleName: RoleName,
): Promise<void> {
  const origin = `http://localhost:${registryPort}`
  const { token } = await post(`${origin}/api/login`, { username: person.email, password: person.password })
  const { data } = await post(`${origin}/graphql`, { query: SWITCH, variables: { roleName } }, String(token))
  const { switchRole: switched } = data as { switchRole: { __typename: string } }
  if (switched.__typename !== 'Me') throw new Error(`the Registry answered ${switched.__typename}`)
}

async function post(url: string, body: object, credential?: string): Promise<Record<string, unknown>> {
  const authorization = credential === undefined ? {} : { authorization: `Bearer ${credential}` }
  const headers = { 'content-type': 'application/json', ...authorization }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as Record<string, unknown>
}
