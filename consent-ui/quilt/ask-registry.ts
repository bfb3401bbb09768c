import { z } from 'zod'
import { REGISTRY_TIMEOUT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused } from './credential-source.ts'
import { readBounded } from '../../core/read-bounded.ts'

/** An error of the Registry's: of its own API, or of OAuth. */
export interface RegistryError {
  readonly status: number
  readonly message?: string | undefined
  /** RFC 6749 section 5.2. */
  readonly error?: string | undefined
}

const errorSchema = z.object({ message: z.string().optional(), error: z.string().optional() })

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

/**
 * Asks the Registry.
 *
 * @param schema - of a good answer
 * @param isRefusal - whether an error is about the person, and no trouble of the Registry's or ours
 * @throws CredentialRefused, Unavailable
 */
export async function askRegistry<Schema extends z.ZodType>(
  [url, request]: readonly [URL, RequestInit],
  schema: Schema,
  isRefusal: (error: RegistryError) => boolean = isThePersons,
): Promise<z.output<Schema>> {
  const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MS)
  try {
    const response = await fetch(url, { ...request, signal, redirect: 'error' })
    const answer: unknown = JSON.parse(await textOf(response))
    if (response.ok) return understood(schema, answer)
    const error = { status: response.status, ...errorSchema.safeParse(answer).data }
    const reason = `${error.status} ${error.message ?? error.error ?? ''}`.trim()
    if (isRefusal(error)) throw new CredentialRefused(reason)
    throw new Error(reason)
  } catch (error) {
    if (error instanceof CredentialRefused) throw error
    throw new Unavailable('the Quilt Registry', { cause: error })
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
  throw new Error('an answer that is not as documented')
}
