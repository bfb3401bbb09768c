import type Router from 'koa-router'
import type { Middleware } from 'koa'
import { z } from 'zod'
import type { Accounts } from './accounts.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { codePage, sendPage, signInPage } from './pages.ts'

const formSchema = z.object({ email: z.string().catch(''), password: z.string().catch('') })

/**
 * Where a person gets a one-time code. In the real product `/login` leads to the catalog's `/code`; the demo has no
 * catalog, and shows that page itself.
 */
export function addCodePage(
  router: Router,
  parts: { readonly accounts: Accounts; readonly codes: OneTimeCodes; readonly form: Middleware },
): void {
  const { accounts, codes } = parts

  router.get('/login', (ctx) => ctx.redirect('/code'))

  router.get('/code', (ctx) => sendPage(ctx, 200, signInPage()))

  router.post('/code', parts.form, (ctx) => {
    const { email, password } = formSchema.parse(ctx.request.body ?? {})
    const account = accounts.withPassword(email.trim(), password)
    if (account === undefined || !accounts.isActive(account)) {
      sendPage(ctx, 422, signInPage({ email }))
      return
    }
    sendPage(ctx, 200, codePage(account.person.name, codes.issue(account)))
  })
}
