import { z } from 'zod'
import { Unavailable } from '../oauth/errors.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { registryClient, registryEndpoint } from '../../core/quilt/registry-client.ts'
import { askRegistry, formRequest, REGISTRY_BOUNDS, type RegistryError } from './ask-registry.ts'
import { CredentialRefused, type CredentialSource, type ObtainedCredential } from './credential-source.ts'

const answerSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  /** Seconds since 1970. */
  expires_at: z.number(),
})

/** Messages of `/api/token` for a token that has ended; any other 401 may pass. */
const TOKEN_HAS_ENDED = new Set([
  'Token invalid',
  'Code invalid',
  'Token could not be deserialized',
  'Outdated access token: please log in again',
])

function hasTokenEnded({ status, message = '' }: RegistryError): boolean {
  return status === 401 && TOKEN_HAS_ENDED.has(message.replace(/\.$/, ''))
}

/** Redeems the one-time code of the Registry's `/login`, and renews there too: `/api/refresh` would end the token. */
export function codeSource(registryUrl: URL, observer?: RequestObserver): CredentialSource<string> {
  const send = registryClient(registryEndpoint(registryUrl, 'api/token'), REGISTRY_BOUNDS, observer)

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
      const cause = new Error('the token has expired already')
      throw new Unavailable('the Quilt Registry', { cause, hasAnswered: true })
    }
    const renewWith = { by: 'quilt_token', token: answer.refresh_token } as const
    return { token: answer.access_token, expiresAt, renewWith }
  }

  return {
    obtain: (code, now) => redeem(code, now),
    async renew(renewWith, { now }) {
      if (renewWith.by !== 'quilt_token') throw new CredentialRefused('the credential is from another source')
      return await redeem(renewWith.token, now, hasTokenEnded)
    },
  }
}
