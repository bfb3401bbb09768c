import type { Started } from '../../support/start.ts'

export interface Call {
  readonly authorization?: string | undefined
  readonly json?: unknown
  readonly form?: Record<string, string> | string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

export async function call(
  registry: Started,
  [method, path]: [string, string],
  sent: Call = {},
): Promise<Answer> {
  const { authorization, json, form } = sent
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  if (json !== undefined) headers['content-type'] = 'application/json'
  const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json)
  const request: RequestInit = {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  }
  const response = await fetch(`${registry.origin}${path}`, request)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? (JSON.parse(text) as unknown) : text,
  }
}

/** The statuses of a credential at every endpoint that needs one. */
export async function statusesOf(registry: Started, authorization: string): Promise<number[]> {
  const answers = await Promise.all([
    call(registry, ['GET', '/api/me'], { authorization }),
    call(registry, ['GET', '/api/code'], { authorization }),
    call(registry, ['GET', '/api/auth/get_credentials'], { authorization }),
    call(registry, ['POST', '/graphql'], { authorization, json: { query: '{ me { name } }' } }),
  ])
  return answers.map(({ status }) => status)
}

export const EVERYWHERE_200 = [200, 200, 200, 200]
export const EVERYWHERE_401 = [401, 401, 401, 401]
