import type { Manager } from './manager.ts'
import type { Route } from './route.ts'
import { BUFFER } from './types.ts'

/**
 * The limit of the buffer filter on a route, in bytes: for a body without a content-length, which over HTTP/2 any request
 * may have.
 */
export function bufferLimitOf({ filters }: Manager, { node }: Route): number | undefined {
  return filters
    .filter(({ type }) => type === BUFFER)
    .map(({ name }) => node.at('typed_per_filter_config', name, 'buffer', 'max_request_bytes').number)
    .find((bytes) => bytes !== undefined && bytes > 0)
}
