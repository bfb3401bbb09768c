import { z } from 'zod'
import { clean } from '../../core/log/describe-error.ts'
import {
  UnusableAnswer,
  type RegistryBounds,
  type RegistryRequest,
  type SendToRegistry,
} from '../../core/quilt/registry-client.ts'
import { REGISTRY_TIMEOUT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused } from './credential-source.ts'

/** An error of the Registry's own API, or of OAuth (RFC 6749 section 5.2). */
export interface RegistryError {
  readonly status: number
  readonly message?: string | undefined
  readonly error?: string | undefined
  readonly error_description?: string | undefined
}

const errorSchema = z.object({
  message: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
})

/** Documented answers take a few hundred bytes, but a token may be long. */
export const REGISTRY_BOUNDS: RegistryBounds = {
  timeoutMs: REGISTRY_TIMEOUT_MS,
  maxAnswerBytes: 64 * 1024,
  maxIdleMs: 4000,
}

/** OAuth errors about our own registration at the Registry, or about the Registry itself. */
const ABOUT_US = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'server_error',
  'temporarily_unavailable',
])
const ABOUT_THE_USER = new Set([400, 401, 403])

interface Understanding<Schema extends z.ZodType> {
  /** Of a good answer. */
  readonly schema: Schema
  /** True if an error is about the user; every other error means that the Registry is unavailable. */
  readonly isRefusal?: (error: RegistryError) => boolean
}

/** @throws CredentialRefused, Unavailable */
export async function askRegistry<Schema extends z.ZodType>(
  send: SendToRegistry,
  request: RegistryRequest,
  { schema, isRefusal = isAboutTheUser }: Understanding<Schema>,
): Promise<z.output<Schema>> {
  const { status, body } = await send(request).catch(registryUnavailable)
  if (body === undefined) {
    registryUnavailable(new UnusableAnswer(`the answer cannot be read (status ${status})`))
  }
  if (status >= 200 && status < 300) {
    const { data, success } = schema.safeParse(body)
    return success ? data : registryUnavailable(new UnusableAnswer('the answer is not as documented'))
  }
  const error = { status, ...errorSchema.safeParse(body).data }
  const reason = clean(reasonOf(error), secretsOf(request))
  if (isRefusal(error)) throw new CredentialRefused(reason)
  return registryUnavailable(new UnusableAnswer(reason))
}

export function formRequest(
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): RegistryRequest {
  const type = 'application/x-www-form-urlencoded;charset=UTF-8'
  return {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: new URLSearchParams(form).toString(),
  }
}

export function registryUnavailable(error: unknown): never {
  throw new Unavailable('the Quilt Registry', {
    cause: error,
    hasAnswered: error instanceof UnusableAnswer,
  })
}

function reasonOf({ status, message, error, error_description: description }: RegistryError): string {
  const said = [message ?? error, description].filter((text) => text !== undefined)
  return [String(status), said.join(': ')].join(' ').trim()
}

/** Codes, tokens and our own secret: an answer may repeat them, and the log must not hold them. */
function secretsOf({ headers, body }: RegistryRequest): string[] {
  const form = [...new URLSearchParams(body).values()]
  const [scheme, credentials = ''] = headers.authorization?.split(' ') ?? []
  const basic = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString().split(':').slice(1) : []
  return [...form, credentials, ...basic.map(decodeURIComponent)].filter((value) => isSecret(value))
}

/** Grant and token types are public, and show the operator which request failed. */
function isSecret(value: string): boolean {
  return value !== 'refresh_token' && !value.startsWith('urn:')
}

/** A proxy in between answers with the same status, so an error counts only in a form of the Registry's. */
function isAboutTheUser({ status, message, error }: RegistryError): boolean {
  const isDocumented = message !== undefined || error !== undefined
  return ABOUT_THE_USER.has(status) && isDocumented && !ABOUT_US.has(error ?? '')
}
