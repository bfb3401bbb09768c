import { isIP } from 'node:net'

const LONGEST_URL = 2000
/** Names that mean something inside a network alone (RFC 6761, RFC 6762, RFC 8375, and in practice). */
const INTERNAL = /(^|\.)(localhost|local|internal|intranet|lan|home\.arpa)$/

/**
 * Why an address is none that a client may call its home, logo, policy or terms; undefined where it may. A person
 * could be sent there, or a program of ours: neither may run it, nor reach what only our network reaches.
 */
export function webPageFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || text.length > LONGEST_URL) return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must have no user name or password'
  const host = url.hostname.replace(/\.+$/, '')
  const isPublicName = isIP(host) === 0 && !host.startsWith('[') && host.includes('.') && !INTERNAL.test(host)
  return isPublicName ? undefined : 'must be at a public host name'
}
