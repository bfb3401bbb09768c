import { isDeepStrictEqual } from 'node:util'
import type { ConfigNode } from './config-node.ts'

/** True if one of a route's header matchers is exactly this condition. */
export function hasHeader(headers: ConfigNode, name: string, condition: object): boolean {
  return headers.items().some(({ value }) => isDeepStrictEqual(value, { name, ...condition }))
}

/** The content-length from which on the route does not match. */
export function lengthBelow(headers: ConfigNode): number | undefined {
  return headers
    .items()
    .filter((header) => header.at('name').value === 'content-length' && header.entries().length === 2)
    .map((header) => header.at('range_match', 'end').number)
    .find((end) => end !== undefined)
}
