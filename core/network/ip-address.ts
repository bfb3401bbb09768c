import { isIPv4 } from 'node:net'

const GROUPS = 8
/** `::ffff:0:0/96` (RFC 4291 section 2.5.5.2). */
const MAPPED_IPV4 = /^0:0:0:0:0:ffff:([0-9a-f]+):([0-9a-f]+)$/

/** The IPv4 address that an IPv6 address stands for, `::ffff:192.0.2.1`; any other address as it is. */
export function unmapped(address: string): string {
  if (isIPv4(address)) return address
  const [, high, low] = MAPPED_IPV4.exec(groupsOf(address).join(':')) ?? []
  return high === undefined || low === undefined ? address : [...bytesOf(high), ...bytesOf(low)].join('.')
}

/** The eight groups of an IPv6 address, each spelled in one way. */
export function groupsOf(address: string): readonly string[] {
  const [withoutZone = ''] = address.split('%')
  // A URL parser writes each address in one way, but for the groups of zeros that `::` stands for.
  const [head = '', tail = ''] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [namedGroups(head), namedGroups(tail)]
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after]
}

function namedGroups(text: string): string[] {
  return text.split(':').filter((group) => group !== '')
}

function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
