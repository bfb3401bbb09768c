import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which server behind Envoy a request is for; nobody where Envoy or authz refuses it. */
export type Destination = 'platform' | 'files' | 'consent-ui' | 'nobody'

/** One line of request-targets.json. */
export interface RequestTarget {
  /** What it tries. */
  readonly trap: string
  /** As it stands in the request, one byte for each character. */
  readonly target: string
  /** Where it leads for somebody who may use the service that it names. */
  readonly reaches: Destination
  /** Where that is another one in HTTP/2, whose :path takes less. */
  readonly overHttp2?: Destination
}

const FILE = join(import.meta.dirname, '../request-targets.json')

export const REQUEST_TARGETS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly RequestTarget[]
