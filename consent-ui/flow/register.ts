import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys.ts'
import type { AllowedHosts } from '../oauth/allowed-hosts.ts'
import { readClientMetadata } from '../oauth/client.ts'
import { sealClient } from '../oauth/sealed-client.ts'

/** Dynamic client registration (RFC 7591): public clients, nothing stored. */
export function register(parts: { ring: KeyRing; allowedHosts: AllowedHosts; now: () => number }) {
  return function registerClient(ctx: Context): void {
    const client = readClientMetadata(ctx.request.body, parts.allowedHosts)
    ctx.status = 201
    ctx.body = {
      client_id: sealClient(parts.ring, client),
      client_id_issued_at: parts.now(),
      ...(client.name === '' ? {} : { client_name: client.name }),
      redirect_uris: client.redirectUris,
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }
  }
}
