import type { Middleware } from 'koa'
import { z } from 'zod'
import { ROLES } from '../../roles.ts'
import { Refusal } from '../refusal.ts'
import type { Authenticate } from '../authenticate.ts'
import { bucketOfIndex, documentsOf } from './documents.ts'
import { isMatch, querySchema } from './query.ts'

const MAX_HITS = 1000

const requestSchema = z.object({
  index: z
    .string()
    .min(1)
    .transform((names) => names.split(',')),
  action: z.literal('freeform'),
  body: z
    .string()
    .transform(fromJson)
    .pipe(z.object({ query: querySchema })),
  size: z.coerce.number().int().min(0).max(MAX_HITS),
})

/** `GET /api/search`: an Elasticsearch query over indexes that the active role may see. */
export function search(authenticate: Authenticate): Middleware {
  return async function search(ctx) {
    const { role } = await authenticate(ctx.headers.authorization)
    const { data: request } = requestSchema.safeParse(ctx.query)
    if (request === undefined) throw new Refusal(400, { message: 'The demo does not support this search.' })
    const { index, body, size } = request
    const visible = ROLES[role].buckets.map(({ name }) => name)
    if (!index.every((name) => visible.includes(bucketOfIndex(name)))) {
      throw new Refusal(403, {
        message: `Access denied: the role ${role} may not search all of these indexes.`,
      })
    }
    const found = index.flatMap(documentsOf).filter(({ _source }) => isMatch(body.query, _source))
    ctx.body = {
      took: 0,
      timed_out: false,
      hits: {
        total: { value: found.length, relation: 'eq' },
        max_score: 1,
        hits: found.slice(0, size).map((document) => ({ ...document, _score: 1 })),
      },
    }
  }
}

function fromJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('must be JSON')
    return z.NEVER
  }
}
