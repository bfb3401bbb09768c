import type { Manager } from './manager.ts'
import type { Route } from './route.ts'
import { BUFFER } from './types.ts'

/**
 * How much of a body whose length is not told a buffer filter lets through on a route, in bytes; undefined where none
 * counts. Over HTTP/2 any request may come with such a body, a GET too.
 */
export function bufferLimitOf({ filters }: Manager, { node }: Route): number | undefined {
  return filters
    .filter(({ type }) => type === BUFFER)
    .map(({ name }) => node.at('typed_per_filter_config', name, 'buffer', 'max_request_bytes').number)
    .find((bytes) => bytes !== undefined && bytes > 0)
}
