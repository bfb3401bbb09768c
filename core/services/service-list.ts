import { parseDocument, visit, type Document } from 'yaml'
import { z } from 'zod'
import { isLoopback, origin } from '../config/settings.ts'
import { mcpReadAccess } from './read-access-schema.ts'
import { checkPaths } from './service-paths.ts'
import type { Service, Upstream } from './service.ts'

/** Fits a file of some megabytes as base64 in a tool's arguments. */
const DEFAULT_BODY_BYTES = 10 * 1024 * 1024
const MAX_BODY_BYTES = 1024 * 1024 * 1024
const MAX_SECONDS = 86_400
const MAX_KEEP_ALIVE_SECONDS = 900
const MAX_REDIRECT_ORIGINS = 10

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, {
  message: 'must be lower-case letters, digits and hyphens, 32 at most, a letter first',
})
const title = z.string().trim().min(1).max(80)
const path = z.string().regex(/^(\/[a-z0-9_-]+)+$/, {
  message:
    'must be a path such as /mcp/platform, of lower-case letters, digits, - and _, without a slash at its end',
})
// A scope is part of a header and of a URL's query (RFC 6749 section 3.3).
const scope = z.string().regex(/^[a-z0-9][a-z0-9:._-]{0,63}$/, {
  message: 'must be lower-case letters, digits and :._-, 64 at most',
})
const seconds = z.int().min(1).max(MAX_SECONDS)
const grants = z.union(
  [z.tuple([z.literal('read'), z.literal('full')]), z.tuple([z.enum(['read', 'full'])])],
  {
    error: 'must be [read, full], [read] or [full]',
  },
)

const upstreamUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'must be a URL such as https://mcp.example.com/mcp' })
    return z.NEVER
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    context.addIssue({
      code: 'custom',
      message: 'must not have a user name, a password, a query or a fragment',
    })
    return z.NEVER
  }
  return url
})

const redirectOrigin = origin.refine((text) => /^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(text), {
  message: 'must be an origin such as https://bucket.s3.amazonaws.com, without a wildcard',
})

const common = {
  name,
  title,
  prefix: path,
  scopes: z.tuple([scope], scope),
  default: z.boolean().default(false),
  grants: grants.default(['read', 'full']),
  maxBodyBytes: z.int().min(1024).max(MAX_BODY_BYTES).default(DEFAULT_BODY_BYTES),
  upstream: upstreamUrl,
  protocol: z.enum(['http1', 'http2']).default('http1'),
  /** Sends the Quilt credential of each request over the network in the clear. */
  plaintext: z.boolean().default(false),
  connectSeconds: seconds.default(2),
  idleSeconds: seconds.default(3600),
  // Uvicorn closes an idle connection after 5 s, node:http after 6 s.
  keepAliveSeconds: z.int().min(1).max(MAX_KEEP_ALIVE_SECONDS).default(4),
}

const mcpEntry = z.strictObject({
  ...common,
  kind: z.literal('mcp'),
  path,
  aliases: z.array(path).default([]),
  read: mcpReadAccess,
})

const httpEntry = z.strictObject({
  ...common,
  kind: z.literal('http'),
  read: z.strictObject({ paths: z.array(path).min(1) }),
  redirects: z.array(redirectOrigin).max(MAX_REDIRECT_ORIGINS).default([]),
  longestResponseSeconds: seconds.default(300),
})

const entry = z
  .discriminatedUnion('kind', [mcpEntry, httpEntry])
  .superRefine(({ upstream, plaintext }, context) => {
    if (upstream.protocol === 'https:' || plaintext || isLoopback(upstream.hostname)) return
    context.addIssue({
      code: 'custom',
      path: ['upstream'],
      message: 'must be https; plaintext: true accepts Quilt credentials in the clear on your network',
    })
  })
  .transform(toService)

type Services = [Service, ...Service[]]

const list = z.tuple([entry], entry).pipe(z.custom<Services>().superRefine(checkPaths))

/** Reads the list of services, YAML or JSON. Problems name their place in the list. */
export function readServiceList(text: string): z.ZodSafeParseResult<Services> {
  const document = parseDocument(text, { uniqueKeys: true })
  const [broken] = document.errors
  if (broken !== undefined) {
    const [message = 'cannot be parsed'] = broken.message.split('\n')
    return list.safeParse(undefined, { error: () => `must be YAML: ${message}` })
  }
  if (hasAlias(document))
    return list.safeParse(undefined, { error: () => 'must be YAML without aliases (*)' })
  return list.safeParse(document.toJS())
}

/** An alias can contain itself, and a few aliases can expand to millions of nodes. */
function hasAlias(document: Document.Parsed): boolean {
  let found = false
  visit(document, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
  })
  return found
}

type Entry = z.output<typeof mcpEntry> | z.output<typeof httpEntry>

function toService(given: Entry): Service {
  const shared = {
    name: given.name,
    title: given.title,
    pathPrefix: given.prefix,
    scopes: given.scopes,
    isDefault: given.default,
    grants: given.grants,
    maxBodyBytes: given.maxBodyBytes,
    upstream: upstreamOf(given),
  }
  return given.kind === 'mcp'
    ? { ...shared, kind: 'mcp', paths: [given.path, ...given.aliases], read: given.read }
    : {
        ...shared,
        kind: 'http',
        paths: [given.prefix],
        read: given.read,
        redirects: given.redirects,
        longestResponseSeconds: given.longestResponseSeconds,
      }
}

function upstreamOf({ upstream, ...given }: Entry): Upstream {
  const { protocol, plaintext, connectSeconds, idleSeconds, keepAliveSeconds } = given
  return { url: upstream, protocol, plaintext, connectSeconds, idleSeconds, keepAliveSeconds }
}
