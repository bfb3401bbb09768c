import type { Context, Middleware, Next } from 'koa'
import { currentRequestId } from '../../core/log/request-context.ts'
import type { Service } from '../../core/services/service.ts'
import { offeredApplications, type Admission } from '../clients/offered-applications.ts'
import { pageHeaders } from '../http/security-headers.ts'
import { notFoundPage } from '../pages/error-page.ts'
import { homePage } from '../pages/home-page.ts'
import { servicePage } from '../pages/service-page.ts'

interface LandingDependencies extends Admission {
  readonly origin: string
}

/** Shows a service's page to a browser that opens its URL. Envoy routes by the same headers; this checks them again. */
export function showServicePage({ origin, ...admission }: LandingDependencies, service: Service): Middleware {
  return forBrowsers((userAgent) =>
    servicePage({ origin, service, userAgent, applications: offeredApplications(admission) }),
  )
}

export function showHomePage(
  { origin, ...admission }: LandingDependencies,
  services: readonly Service[],
): Middleware {
  return forBrowsers((userAgent) =>
    homePage({ origin, services, userAgent, applications: offeredApplications(admission) }),
  )
}

/** Shows a 404 page to a browser when no route answered. */
export function showNotFoundPage(): Middleware {
  const addPageHeaders = pageHeaders()
  return async function showNotFound(ctx: Context, next: Next): Promise<void> {
    await next()
    if (ctx.status !== 404 || (ctx.body ?? undefined) !== undefined || !isFromBrowser(ctx)) return
    await addPageHeaders(ctx, async () => {
      ctx.set('Cache-Control', 'no-store')
      ctx.vary('Accept')
      ctx.type = 'html'
      ctx.body = notFoundPage(currentRequestId())
      ctx.status = 404
      await Promise.resolve()
    })
  }
}

function forBrowsers(page: (userAgent: string) => string): Middleware {
  return async function showPage(ctx: Context, next: Next): Promise<void> {
    ctx.vary('Accept')
    if (!isFromBrowser(ctx)) {
      await next()
      return
    }
    ctx.type = 'html'
    ctx.body = page(ctx.get('User-Agent'))
  }
}

/** True if the request prefers HTML and has neither a credential nor a header of MCP. */
function isFromBrowser({ headers }: Context): boolean {
  const hasMcpHeader = Object.keys(headers).some((name) => name.startsWith('mcp-'))
  return (
    headers.accept?.startsWith('text/html') === true && headers.authorization === undefined && !hasMcpHeader
  )
}
