import type { Middleware } from 'koa'
import { z } from 'zod'
import type { Accounts } from './accounts.ts'
import { Refusal } from './refusal.ts'

const bodySchema = z.strictObject({ active: z.boolean() })

/**
 * `POST /demo/people/<name>/active` with `{"active":false}`: an administrator does this in the catalog. A web page of
 * another origin cannot send JSON without a CORS preflight, which the demo does not answer.
 */
export function activation(accounts: Accounts): Middleware {
  return function activation(ctx) {
    const { name = '' } = ctx.params as { name?: string }
    const account = accounts.withName(name)
    if (account === undefined) throw new Refusal(404, { message: 'Not found.' })
    const { data: wanted } = bodySchema.safeParse(ctx.request.body)
    if (wanted === undefined)
      throw new Refusal(400, { message: 'The body must be {"active": true or false}.' })
    accounts.setActive(account, wanted.active)
    ctx.body = wanted
  }
}
