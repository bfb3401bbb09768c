import { z } from 'zod'
import { byPrivateKey, keysOf, requireOurTypes, sharedMembers } from './client-metadata.ts'
import { displayName, type Client, type ClientAuthentication } from './client.ts'
import { documentUrlFault } from './document-hosts.ts'
import { DocumentRefused } from './document-refused.ts'

const MAX_REDIRECT_URIS = 50
const MAX_URI_CHARACTERS = 500

/** One, or a list as in ChatGPT's document. */
const methodOrList = z.union([z.string(), z.array(z.string())])

const documentSchema = z.object({
  client_id: z.string(),
  client_name: z.string().min(1),
  redirect_uris: z.array(z.string().max(MAX_URI_CHARACTERS)).min(1).max(MAX_REDIRECT_URIS),
  token_endpoint_auth_method: methodOrList.nullish(),
  token_endpoint_auth_methods_supported: methodOrList.nullish(),
  ...sharedMembers,
  client_secret: z.never({ message: 'must not be given: the document is public' }).optional(),
  client_secret_expires_at: z.never({ message: 'must not be given: the client has no secret' }).optional(),
})

type ClientDocument = z.output<typeof documentSchema>

/** Reads a client ID metadata document; its URL is the client's id (CIMD draft section 4). @throws DocumentRefused */
export function readClientDocument(url: string, json: unknown): Client {
  const { success, data, error } = documentSchema.safeParse(json)
  if (!success) throw refused(faultOf(error.issues[0]))
  if (data.client_id !== url) throw refused("client_id must equal the document's URL exactly")
  requireOurTypes(data, refused)
  return {
    id: url,
    name: displayName(data.client_name),
    redirectUris: data.redirect_uris,
    authentication: authenticationOf(data),
    knownBy: 'document',
  }
}

/** A client without a registration shares no secret with us, so only its key or nothing is left. */
function authenticationOf(document: ClientDocument): ClientAuthentication {
  const single = document.token_endpoint_auth_method
  const methods = listOf(single ?? document.token_endpoint_auth_methods_supported ?? 'none')
  if (methods.includes('none')) return { method: 'none' }
  if (!methods.includes('private_key_jwt')) {
    throw refused('token_endpoint_auth_method must be none or private_key_jwt')
  }
  return byPrivateKey(keysOf(document, documentUrlFault, refused), refused)
}

function listOf(one: string | string[]): string[] {
  return typeof one === 'string' ? [one] : one
}

function faultOf(issue: z.core.$ZodIssue | undefined): string {
  const member = String(issue?.path[0] ?? '')
  return member === '' ? 'it must be a JSON object' : `${member} ${issue?.message ?? ''}`
}

function refused(reason: string): DocumentRefused {
  return new DocumentRefused(reason)
}
