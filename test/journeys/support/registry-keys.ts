const CREATE = `mutation {
  apiKeyCreate(input: { name: "a script" }) { ... on APIKeyCreated { secret } }
}`

/**
 * A new API key, as the Registry shows it once.
 *
 * @param authorization - of the person whose key it is to be
 */
export async function createApiKey(registryUrl: string, authorization: string): Promise<string> {
  const data = await ask(registryUrl, authorization, CREATE)
  return (data as { apiKeyCreate: { readonly secret: string } }).apiKeyCreate.secret
}

async function ask(registryUrl: string, authorization: string, query: string): Promise<unknown> {
  const response = await fetch(`${registryUrl}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return ((await response.json()) as { data: unknown }).data
}
