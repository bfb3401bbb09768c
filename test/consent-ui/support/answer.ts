/** What an endpoint answered. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** A form by name, where undefined leaves a member out; as text, it is sent as it stands. */
export type Form = Readonly<Record<string, string | undefined>> | string

export type HeaderFields = Readonly<Record<string, string>>

const FORM = 'application/x-www-form-urlencoded'

export async function get(url: string, headers: HeaderFields = {}): Promise<Answer> {
  return await ask(url, { headers })
}

/** Sends a form; other headers may say that it is something else. */
export async function post(url: string, form: Form, headers: HeaderFields = {}): Promise<Answer> {
  const body = typeof form === 'string' ? form : encode(form)
  return await ask(url, { method: 'POST', body, headers: { 'content-type': FORM, ...headers } })
}

/** An answer's body as an object. */
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
