import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import Router from 'koa-router'
import { errors, type default as Provider, type InteractionResults } from 'oidc-provider'
import { z } from 'zod'
import type { DemoPerson } from '../people.ts'
import { messagePage, sendPage, signInPage } from './pages.ts'

const BODY_LIMIT = '4kb'

const formSchema = z.object({
  email: z.string().catch(''),
  password: z.string().catch(''),
  answer: z.string().optional(),
})

export function signIn(provider: Provider, people: readonly DemoPerson[]): Router {
  const router = new Router()
  const form = bodyParser({ enableTypes: ['form'], formLimit: BODY_LIMIT })

  router.get('/sign-in/:uid', expired, async (ctx) => {
    const { params } = await provider.interactionDetails(ctx.req, ctx.res)
    const hint = params.login_hint
    sendPage(ctx, 200, signInPage({ email: typeof hint === 'string' ? hint : '', failed: false }))
  })

  router.post('/sign-in/:uid', expired, form, async (ctx) => {
    const { email, password, answer } = formSchema.parse(ctx.request.body ?? {})
    if (answer === 'cancel') {
      await finish(ctx, CANCELLED)
      return
    }
    const person = people.find((candidate) => candidate.email === email.trim().toLowerCase())
    // No constant-time comparison: `npm start` prints the passwords.
    if (person?.password !== password) {
      await provider.interactionDetails(ctx.req, ctx.res)
      sendPage(ctx, 422, signInPage({ email, failed: true }))
      return
    }
    // `consent` answers a request with prompt=consent, which offline access needs (OpenID Connect Core 11).
    await finish(ctx, { login: { accountId: person.sub }, consent: {} })
  })

  async function finish(ctx: Context, result: InteractionResults): Promise<void> {
    const next = await provider.interactionResult(ctx.req, ctx.res, result)
    // 303: the browser must not send the password on (RFC 9700 section 4.12).
    ctx.status = 303
    ctx.redirect(next)
  }

  return router
}

/** RFC 6749 section 4.1.2.1. */
const CANCELLED: InteractionResults = {
  error: 'access_denied',
  error_description: 'The sign-in was cancelled.',
}

/** A sign-in is bound to the browser that started it, and expires after ten minutes. */
const expired: Middleware = async function expiredSignIn(ctx, next) {
  try {
    await next()
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error
    sendPage(ctx, 400, messagePage('This sign-in has expired', 'Return to the application and start again.'))
  }
}
