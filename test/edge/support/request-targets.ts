import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which server behind Envoy a request is for: `refused` if Envoy or authz refuses it. */
export type Destination = 'platform' | 'files' | 'consent-ui' | 'refused'

export interface RequestTarget {
  readonly trap: string
  /** As it stands in the request, one byte for each character. */
  readonly target: string
  /** The server that it reaches with a token for that service. */
  readonly reaches: Destination
  /** The same over HTTP/2, if :path refuses it. */
  readonly overHttp2?: Destination
}

const FILE = join(import.meta.dirname, '../request-targets.json')

export const REQUEST_TARGETS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly RequestTarget[]
