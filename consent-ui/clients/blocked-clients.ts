import { createHash } from 'node:crypto'
import { isAllowed, parseAllowedHosts, type AllowedHosts } from '../oauth/allowed-hosts.ts'
import type { Client } from './client.ts'

/** Clients that the operator does not let in. */
export interface BlockedClients {
  readonly fingerprints: ReadonlySet<string>
  /** Of their documents and their redirect URIs, in the grammar of `CONNECT_ALLOWED_HOSTS`. */
  readonly hosts: AllowedHosts
}

const FINGERPRINT_LENGTH = 16
const FINGERPRINT = /^[0-9a-f]{16}$/

/** Names a client in the log and in a block: 16 hexadecimal digits of the SHA-256 of its id. */
export function fingerprintOf(clientId: string): string {
  return createHash('sha256').update(clientId).digest('hex').slice(0, FINGERPRINT_LENGTH)
}

/**
 * Reads `CONNECT_BLOCKED_CLIENTS`: fingerprints, hosts, `.subdomains` and `schemes://`, separated by commas.
 *
 * @returns the list, and the positions of entries that are nothing of these: what blocks nobody must not look as if
 */
export function parseBlockedClients(text: string): {
  readonly blocked: BlockedClients
  readonly faults: readonly number[]
} {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  const isFingerprint = (entry: string): boolean => FINGERPRINT.test(entry)
  const hosts = entries.filter((entry) => !isFingerprint(entry))
  return {
    blocked: {
      fingerprints: new Set(entries.filter(isFingerprint)),
      hosts: parseAllowedHosts(hosts.join(',')),
    },
    faults: entries.flatMap((entry, index) =>
      isFingerprint(entry) || parseAllowedHosts(entry).length > 0 ? [] : [index + 1],
    ),
  }
}

/** Whether an id is blocked by itself: its fingerprint, or the host of the document that it is. */
export function isBlockedId(clientId: string, { fingerprints, hosts }: BlockedClients): boolean {
  const url = URL.parse(clientId)
  return fingerprints.has(fingerprintOf(clientId)) || (url !== null && isAllowed(url, hosts))
}

/** Whether a client is blocked for one of the places that its answers go to. */
export function isBlocked(client: Client, blocked: BlockedClients): boolean {
  return (
    isBlockedId(client.id, blocked) ||
    client.redirectUris.some((uri) => {
      const url = URL.parse(uri)
      return url !== null && isAllowed(url, blocked.hosts)
    })
  )
}
