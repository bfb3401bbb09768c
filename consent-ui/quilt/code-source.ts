import { z } from 'zod'
import { Unavailable } from '../oauth/errors.ts'
import { registryClient, registryEndpoint } from '../../core/quilt/registry-client.ts'
import { askRegistry, formRequest, REGISTRY_BOUNDS, type RegistryError } from './ask-registry.ts'
import { CredentialRefused, type CredentialSource, type ObtainedCredential } from './credential-source.ts'

const answerSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  /** Seconds since 1970. */
  expires_at: z.number(),
})

/** How `/api/token` says, with 401, that a token is over; a failed single sign-on of the Registry's own may pass. */
const TOKEN_IS_OVER = new Set([
  'Token invalid',
  'Code invalid',
  'Token could not be deserialized',
  'Outdated access token: please log in again',
])

function isTokenOver({ status, message = '' }: RegistryError): boolean {
  return status === 401 && TOKEN_IS_OVER.has(message.replace(/\.$/, ''))
}

/**
 * Source `code`: the one-time code that the Registry's `/login` shows, redeemed as quilt3 does. Another token is
 * asked for in the same way, never at `/api/refresh`, which ends the one that is shown.
 */
export function codeSource(registryUrl: URL): CredentialSource<string> {
  const send = registryClient(registryEndpoint(registryUrl, 'api/token'), REGISTRY_BOUNDS)

  async function redeem(
    codeOrToken: string,
    now: number,
    isRefusal?: (error: RegistryError) => boolean,
  ): Promise<ObtainedCredential> {
    const request = formRequest({ refresh_token: codeOrToken })
    const answer = await askRegistry(send, request, {
      schema: answerSchema,
      ...(isRefusal === undefined ? {} : { isRefusal }),
    })
    const expiresAt = Math.floor(answer.expires_at)
    if (expiresAt <= now) {
      const cause = new Error('a token that is over already')
      throw new Unavailable('the Quilt Registry', { cause, hasAnswered: true })
    }
    const renewWith = { by: 'quilt_token', token: answer.refresh_token } as const
    return { token: answer.access_token, expiresAt, renewWith }
  }

  return {
    obtain: (code, now) => redeem(code, now),
    async renew(renewWith, { now }) {
      if (renewWith.by !== 'quilt_token') throw new CredentialRefused('it is of another source')
      return await redeem(renewWith.token, now, isTokenOver)
    },
  }
}
