import { hash } from 'node:crypto'
import { z } from 'zod'
import type { KeyRing } from '../keys/keys.ts'
import { isListed, parseAllowedHosts, type AllowedHosts } from './allowed-hosts.ts'
import { redirectUrisOfId } from './sealed-id.ts'

export interface BlockedClients {
  readonly fingerprints: ReadonlySet<string>
  readonly hosts: AllowedHosts
}

const FINGERPRINT_LENGTH = 16
const FINGERPRINT = /^[0-9a-f]{16}$/

/** Says what an entry of a list of blocked clients must be. */
export const BLOCK_ENTRY = 'a fingerprint of 16 hexadecimal digits, a host, .subdomains or scheme://'

/**
 * Schema of `CONNECT_BLOCKED_CLIENTS`: fingerprints, hosts, `.subdomains` and `schemes://`, separated by commas.
 * Any other entry is refused: an operator must not believe that it blocks a client.
 */
export const blockedClients = z
  .string()
  .default('')
  .transform((text, context): BlockedClients => {
    const entries = text
      .split(',')
      .map(normalBlockEntry)
      .filter((entry) => entry !== '')
    entries.forEach((entry, index) => {
      if (isBlockEntry(entry)) return
      context.addIssue({ code: 'custom', message: `entry ${index + 1} must be ${BLOCK_ENTRY}` })
    })
    return readBlockEntries(entries)
  })

export function normalBlockEntry(text: string): string {
  return text.trim().toLowerCase()
}

export function isBlockEntry(entry: string): boolean {
  return isFingerprint(entry) || (!entry.includes(',') && parseAllowedHosts(entry).length > 0)
}

/** @param entries - in lower case, each one {@link isBlockEntry} */
export function readBlockEntries(entries: readonly string[]): BlockedClients {
  const hosts = entries.filter((entry) => !isFingerprint(entry))
  return {
    fingerprints: new Set(entries.filter(isFingerprint)),
    hosts: parseAllowedHosts(hosts.join(',')),
  }
}

export function bothBlocked(one: BlockedClients, other: BlockedClients): BlockedClients {
  return {
    fingerprints: new Set([...one.fingerprints, ...other.fingerprints]),
    hosts: [...one.hosts, ...other.hosts],
  }
}

/** Identifies a client in logs and blocks: 16 hexadecimal digits of the SHA-256 of its id. */
export function fingerprintOf(clientId: string): string {
  return hash('sha256', clientId, 'hex').slice(0, FINGERPRINT_LENGTH)
}

export function isBlockedId(clientId: string, { fingerprints, hosts }: BlockedClients): boolean {
  return fingerprints.has(fingerprintOf(clientId)) || isAtHost(clientId, hosts)
}

/**
 * True if the client of a session is blocked, by its id or by one of its redirect URIs.
 *
 * @param ring - opens client ids that contain their registration, to read all redirect URIs
 */
export function isBlockedSession(
  { clientId, redirectUri }: { readonly clientId: string; readonly redirectUri?: string | undefined },
  { blocked, ring }: { readonly blocked: BlockedClients; readonly ring: KeyRing },
): boolean {
  const redirectUris = [
    ...redirectUrisOfId(ring, clientId),
    ...(redirectUri === undefined ? [] : [redirectUri]),
  ]
  return isBlockedId(clientId, blocked) || isBlockedFor(redirectUris, blocked)
}

export function isBlockedFor(redirectUris: readonly string[], { hosts }: BlockedClients): boolean {
  return redirectUris.some((uri) => isAtHost(uri, hosts))
}

function isFingerprint(entry: string): boolean {
  return FINGERPRINT.test(entry)
}

function isAtHost(uri: string, hosts: AllowedHosts): boolean {
  const url = URL.parse(uri)
  return url !== null && isListed(url, hosts)
}
