import { readdirSync, readFileSync } from 'node:fs'
import type { McpRequest } from '../../../../authz/read-access/judge-access.ts'
import { READING_METHODS } from '../../../../core/services/read-only-tools.ts'

/** What the sessions of these tests may do. */
export const READ = { tools: new Set(['search_objects']), methods: new Set(READING_METHODS) }

/** A body, what came with it, and what must become of it. */
export interface CorpusEntry {
  readonly title: string
  readonly bytes: Buffer
  /** As in the file; those that Envoy adds, and Content-Type, are right where it says nothing of them. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** `allowed`, `allowed, list`, or the reason of the refusal. */
  readonly verdict: string
}

interface StoredEntry {
  readonly title: string
  readonly body?: string
  readonly base64?: string
  readonly headers?: CorpusEntry['headers']
  readonly verdict: string
}

const FOLDER = new URL('../corpus/', import.meta.url)

export const CORPUS: readonly (CorpusEntry & { readonly group: string })[] = readdirSync(FOLDER).flatMap(
  (file) => {
    // What the files of this repository hold is known.
    const stored = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly StoredEntry[]
    return stored.map(({ title, body, base64, headers = {}, verdict }) => {
      const bytes = base64 === undefined ? Buffer.from(body ?? '') : Buffer.from(base64, 'base64')
      return { group: file.replace('.json', ''), title, bytes, headers, verdict }
    })
  },
)

/** The request that an entry stands for. */
export function requestOf({ bytes, headers }: Pick<CorpusEntry, 'bytes' | 'headers'>): McpRequest {
  const values = (name: string, usual: readonly string[] = []): readonly string[] =>
    [headers[name] ?? usual].flat()
  return {
    method: 'POST',
    bytes,
    body: {
      contentType: values('content-type', ['application/json']),
      contentEncoding: values('content-encoding'),
      partialBody: values('x-envoy-auth-partial-body', ['false']),
      size: bytes.length,
    },
    mcp: {
      method: values('mcp-method'),
      name: values('mcp-name'),
      protocolVersion: values('mcp-protocol-version'),
      lastEventId: values('last-event-id'),
    },
  }
}
