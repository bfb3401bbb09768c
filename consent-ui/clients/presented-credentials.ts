import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { SecretMethod } from './client.ts'

/** Client credentials of a request, not verified. */
export interface PresentedCredentials {
  /** Undefined if only an assertion names the client. */
  readonly clientId: string | undefined
  readonly secrets: readonly PresentedSecret[]
  readonly assertion: string | undefined
}

interface PresentedSecret {
  readonly by: SecretMethod
  /** As sent and form-decoded (RFC 6749 section 2.3.1): the TypeScript SDK does not encode. */
  readonly readings: readonly string[]
}

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Reads client credentials from Basic, the form, both alike (Databricks), or an assertion. An empty secret counts as
 * absent. Other Authorization schemes are ignored: some clients let users add headers to every request.
 *
 * @throws OAuthError `invalid_client` if they are malformed or contradict each other
 */
export function readPresentedCredentials(authorization: string, form: Parameters): PresentedCredentials {
  const inForm = form.get('client_id')
  const basic = readBasic(authorization, inForm)
  if (basic !== undefined && inForm !== undefined && basic.clientId !== inForm) {
    throw refused('Authorization and client_id name different clients')
  }
  const secret = form.get('client_secret')
  const posted: PresentedSecret[] =
    secret === undefined ? [] : [{ by: 'client_secret_post', readings: [secret] }]
  return {
    clientId: basic?.clientId ?? inForm,
    secrets: [...(basic?.secrets ?? []), ...posted],
    assertion: readAssertion(form),
  }
}

/** True if a refusal needs a Basic challenge (RFC 6749 section 5.2). */
export function usesBasic(authorization: string): boolean {
  return /^basic( |$)/i.test(authorization)
}

function readAssertion(form: Parameters): string | undefined {
  const [type, assertion] = [form.get('client_assertion_type'), form.get('client_assertion')]
  if (type === undefined && assertion === undefined) return undefined
  if (type !== JWT_BEARER) throw refused(`client_assertion_type must be ${JWT_BEARER}`)
  if (assertion === undefined) throw refused('client_assertion is required')
  return assertion
}

function readBasic(
  authorization: string,
  inForm: string | undefined,
): { readonly clientId: string; readonly secrets: readonly PresentedSecret[] } | undefined {
  if (!usesBasic(authorization)) return undefined
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization) ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = colonIn(text, inForm)
  if (colon < 1) throw refused('Authorization is not Basic with a client_id and a secret')
  const [id, secret] = [text.slice(0, colon), text.slice(colon + 1)]
  const clientId = id === inForm ? id : formDecoded(id)
  const readings = [...new Set([secret, formDecoded(secret)])]
  return { clientId, secrets: secret === '' ? [] : [{ by: 'client_secret_basic', readings }] }
}

/** Where the id ends. A document's URL contains a colon, which some clients do not encode. */
function colonIn(text: string, inForm: string | undefined): number {
  if (inForm !== undefined && text.startsWith(`${inForm}:`)) return inForm.length
  return text.startsWith('https:') ? text.lastIndexOf(':') : text.indexOf(':')
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_client', description)
}
