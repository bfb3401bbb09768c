import { z } from 'zod'
import { REGISTRY_TIMEOUT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { clean } from '../../core/log/describe-error.ts'
import { CredentialRefused } from './credential-source.ts'
import { readBounded } from '../../core/http/read-bounded.ts'

/** An error of the Registry's: of its own API, or of OAuth. */
export interface RegistryError {
  readonly status: number
  readonly message?: string | undefined
  /** RFC 6749 section 5.2. */
  readonly error?: string | undefined
  readonly error_description?: string | undefined
}

const errorSchema = z.object({
  message: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
})

/** What is documented takes a few hundred; a token may be long. */
const LARGEST_ANSWER_BYTES = 64 * 1024

/** Errors that are about our own registration there, or about the Registry itself. */
const ABOUT_US = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'server_error',
  'temporarily_unavailable',
])
const ABOUT_THE_PERSON = new Set([400, 401, 403])

export interface AskOptions {
  readonly isRefusal?: (error: RegistryError) => boolean
  readonly timeoutMs?: number
}

/**
 * Asks the Registry.
 *
 * @param schema - of a good answer
 * @param options - `isRefusal`: whether an error is about the person, and no trouble of the Registry's or ours
 * @throws CredentialRefused, Unavailable
 */
export async function askRegistry<Schema extends z.ZodType>(
  [url, request]: readonly [URL, RequestInit],
  schema: Schema,
  { isRefusal = isThePersons, timeoutMs = REGISTRY_TIMEOUT_MS }: AskOptions = {},
): Promise<z.output<Schema>> {
  const signal = AbortSignal.timeout(timeoutMs)
  let response: Response | undefined
  try {
    response = await fetch(url, { ...request, signal, redirect: 'manual' })
    const answer = await jsonOf(response)
    if (response.ok) return understood(schema, answer)
    const error = { status: response.status, ...errorSchema.safeParse(answer).data }
    const reason = clean(reasonOf(error), secretsOf(request))
    if (isRefusal(error)) throw new CredentialRefused(reason)
    throw new Error(reason)
  } catch (error) {
    if (error instanceof CredentialRefused) throw error
    const hasAnswered = response !== undefined && !signal.aborted
    throw new Unavailable('the Quilt Registry', { cause: error, hasAnswered })
  }
}

function reasonOf({ status, message, error, error_description: description }: RegistryError): string {
  const said = [message ?? error, description].filter((text) => text !== undefined)
  return [String(status), said.join(': ')].join(' ').trim()
}

/** What an answer may repeat, and the log must not hold: codes, tokens and our own secret. */
function secretsOf({ headers, body }: RequestInit): string[] {
  const form = body instanceof URLSearchParams ? [...body.values()] : []
  const [scheme, credentials = ''] = new Headers(headers).get('authorization')?.split(' ') ?? []
  const basic = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString().split(':').slice(1) : []
  return [...form, credentials, ...basic.map(decodeURIComponent)].filter((value) => isSecret(value))
}

/** Grant and token types are public, and what tells the operator which question it was. */
function isSecret(value: string): boolean {
  return value !== 'refresh_token' && !value.startsWith('urn:')
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await textOf(response)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the answer cannot be read', { cause: response })
  }
}

async function textOf(response: Response): Promise<string> {
  const body = response.body as AsyncIterable<Uint8Array> | null
  return body === null ? '' : (await readBounded(body, LARGEST_ANSWER_BYTES)).toString('utf8')
}

/** A proxy in the way uses the same numbers, so they count with the Registry's own form of an error alone. */
function isThePersons({ status, message, error }: RegistryError): boolean {
  const isDocumented = message !== undefined || error !== undefined
  return ABOUT_THE_PERSON.has(status) && isDocumented && !ABOUT_US.has(error ?? '')
}

/** An answer that is not as documented is the Registry's trouble, not the person's. */
function understood<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new Error('the answer is not as documented')
}
