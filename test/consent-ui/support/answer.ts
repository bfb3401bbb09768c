export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Undefined omits a member; text is sent unchanged. */
export type Form = Readonly<Record<string, string | undefined>> | string

export type HeaderFields = Readonly<Record<string, string>>

const FORM = 'application/x-www-form-urlencoded'

export async function get(url: string, headers: HeaderFields = {}): Promise<Answer> {
  return await ask(url, { headers })
}

/** Sends a form, unless a header has another content type. */
export async function post(url: string, form: Form, headers: HeaderFields = {}): Promise<Answer> {
  const body = typeof form === 'string' ? form : encode(form)
  return await ask(url, { method: 'POST', body, headers: { 'content-type': FORM, ...headers } })
}

export function json(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>
}

export function encode(form: Exclude<Form, string>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) if (value !== undefined) parameters.append(name, value)
  return parameters.toString()
}

export async function ask(url: string, request: RequestInit): Promise<Answer> {
  const response = await fetch(url, { ...request, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
