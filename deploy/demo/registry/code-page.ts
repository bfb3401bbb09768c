import { bodyParser } from '@koa/bodyparser'
import type Router from 'koa-router'
import { z } from 'zod'
import type { Accounts } from './accounts.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import { codePage, sendPage, signInPage } from './pages.ts'

const BODY_LIMIT = '64kb'

const formSchema = z.object({ email: z.string().catch(''), password: z.string().catch('') })

/** The page with a one-time code. In the product, `/login` leads to the catalog's `/code`; the demo has no catalog. */
export function addCodePage(router: Router, accounts: Accounts, codes: OneTimeCodes): void {
  const form = bodyParser({ enableTypes: ['form'], formLimit: BODY_LIMIT })

  router.get('/login', (ctx) => ctx.redirect('/code'))

  router.get('/code', (ctx) => sendPage(ctx, 200, signInPage()))

  router.post('/code', form, (ctx) => {
    const { email, password } = formSchema.parse(ctx.request.body ?? {})
    const account = accounts.withPassword(email.trim(), password)
    if (account === undefined || !accounts.isActive(account)) {
      sendPage(ctx, 422, signInPage({ email }))
      return
    }
    sendPage(ctx, 200, codePage(account.person.name, codes.issue(account)))
  })
}
