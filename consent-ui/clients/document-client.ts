import { z } from 'zod'
import { displayName, type Client, type ClientAuthentication, type ClientKeys } from './client.ts'
import { documentUrlFault } from './document-hosts.ts'
import { DocumentRefused } from './document-refused.ts'
import { inlineKeySetSchema } from './public-keys.ts'

const MOST_REDIRECT_URIS = 50
const LONGEST_URI = 500

/** One, or a list as ChatGPT's document has it beside the scalar. */
const methodOrList = z.union([z.string(), z.array(z.string())])

const documentSchema = z.object({
  client_id: z.string(),
  client_name: z.string().min(1),
  redirect_uris: z.array(z.string().max(LONGEST_URI)).min(1).max(MOST_REDIRECT_URIS),
  token_endpoint_auth_method: methodOrList.nullish(),
  token_endpoint_auth_methods_supported: methodOrList.nullish(),
  grant_types: z.array(z.string()).nullish(),
  response_types: z.array(z.string()).nullish(),
  jwks: inlineKeySetSchema.nullish(),
  jwks_uri: z.string().nullish(),
  client_secret: z.never({ message: 'must not be there: the document is public' }).optional(),
  client_secret_expires_at: z.never({ message: 'must not be there: such a client has no secret' }).optional(),
})

type ClientDocument = z.output<typeof documentSchema>

/**
 * Reads a client ID metadata document (draft-ietf-oauth-client-id-metadata-document section 4). Grant types that
 * are none of ours are the client's own business: Claude's document lists one.
 *
 * @param url - where it was fetched, which is the client's id
 * @throws DocumentRefused
 */
export function readClientDocument(url: string, json: unknown): Client {
  const { success, data, error } = documentSchema.safeParse(json)
  if (!success) throw new DocumentRefused(describe(error.issues[0]))
  if (data.client_id !== url) throw new DocumentRefused('client_id must be its own URL, to the letter')
  requireOurs('grant_types', data.grant_types, 'authorization_code')
  requireOurs('response_types', data.response_types, 'code')
  return {
    id: url,
    name: displayName(data.client_name),
    redirectUris: data.redirect_uris,
    authentication: authenticationOf(data),
    knownBy: 'document',
  }
}

/** Nobody shares a secret with a client that never registered: what is left is its key, or nothing. */
function authenticationOf(document: ClientDocument): ClientAuthentication {
  const single = document.token_endpoint_auth_method
  const methods = listOf(single ?? document.token_endpoint_auth_methods_supported ?? 'none')
  if (methods.includes('none')) return { method: 'none' }
  if (!methods.includes('private_key_jwt')) {
    throw new DocumentRefused('token_endpoint_auth_method must be none or private_key_jwt')
  }
  return { method: 'private_key_jwt', keys: keysOf(document) }
}

function keysOf({ jwks, jwks_uri: jwksUri }: ClientDocument): ClientKeys {
  const [inline, address] = [jwks ?? undefined, jwksUri ?? undefined]
  if (inline !== undefined && address === undefined) return { jwks: inline }
  if (inline !== undefined || address === undefined) {
    throw new DocumentRefused('private_key_jwt needs either jwks or jwks_uri')
  }
  const fault = documentUrlFault(address)
  if (fault !== undefined) throw new DocumentRefused(`jwks_uri ${fault}`)
  return { jwksUri: address }
}

function listOf(one: string | string[]): string[] {
  return typeof one === 'string' ? [one] : one
}

function requireOurs(member: string, types: string[] | null | undefined, ours: string): void {
  if ((types ?? []).length > 0 && types?.includes(ours) === false) {
    throw new DocumentRefused(`${member} must include ${ours}`)
  }
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  const member = String(issue?.path[0] ?? '')
  return member === '' ? 'it must be a JSON object' : `${member} ${issue?.message ?? ''}`
}
