import { z } from 'zod'
import { askingMe } from '../../core/quilt/graphql-me.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { REGISTRY_BOUNDS } from '../registry/registry-bounds.ts'

export type KeyOwner =
  /** The key belongs to this active user. */
  | { readonly kind: 'accepted'; readonly name: string }
  /** The key is unknown, revoked or expired, or its user is not active. */
  | { readonly kind: 'refused' }

/** @throws Error without a documented answer; the message contains no secret */
export type FindKeyOwner = (key: string) => Promise<KeyOwner>

export function findingKeyOwners(
  registryUrl: URL,
  bounds = REGISTRY_BOUNDS,
  observer?: RequestObserver,
): FindKeyOwner {
  const ask = askingMe(registryUrl, { name: z.string().min(1) }, { bounds, observer })
  return async (key) => {
    const me = await ask(key)
    return me === undefined ? { kind: 'refused' } : { kind: 'accepted', name: me.name }
  }
}
