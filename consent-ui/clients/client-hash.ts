import { sha256 } from '../../core/keys/hash.ts'
import type { Client } from './client.ts'

/** Of everything that a client says of itself, or that is said of it: another one as soon as any of it changes. */
export function clientHash({ id, name, redirectUris, authentication, knownBy }: Client): string {
  return sha256(JSON.stringify([id, name, redirectUris, authentication, knownBy]))
}
