import type { Context } from 'koa'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import { networkOf } from '../limits/client-network.ts'
import { addressOf } from '../limits/client-address.ts'

/** Who sends a token request, and what speaks for them beside what they show. */
export interface Caller {
  readonly clientId: string
  /** Undefined where it is unknown. */
  readonly network: string | undefined
  /** They have proven a confidential client's key. */
  readonly hasProvenKey: boolean
}

export function callerOf(
  ctx: Context,
  client: { readonly clientId: string; readonly hasProvenKey: boolean },
  ranges: readonly EgressRange[],
): Caller {
  const address = addressOf(ctx)
  return {
    clientId: client.clientId,
    hasProvenKey: client.hasProvenKey,
    network: address === undefined ? undefined : networkOf(address, ranges),
  }
}
