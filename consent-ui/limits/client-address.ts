import type { Context } from 'koa'
import { CLIENT_ADDRESS_HEADER, readClientAddress } from '../../core/network/client-address.ts'

/** Where a request came from; undefined for one that did not come through Envoy. */
export function addressOf(ctx: Context): string | undefined {
  return readClientAddress(ctx.get(CLIENT_ADDRESS_HEADER))
}
