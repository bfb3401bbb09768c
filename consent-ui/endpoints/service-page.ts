import type { Context, Next } from 'koa'
import type { Service } from '../../core/services/service.ts'
import { servicePage } from '../pages/service-page.ts'

/**
 * What a person sees who opens a service's URL, which is for applications. Envoy brings them here by what their
 * request looks like; what does not look like it is not theirs, should a route ever bring it.
 */
export function showServicePage({ origin }: { readonly origin: string }, service: Service) {
  return async function serviceInWords(ctx: Context, next: Next): Promise<void> {
    ctx.vary('Accept')
    if (!isFromPerson(ctx)) {
      await next()
      return
    }
    ctx.type = 'html'
    ctx.body = servicePage({ origin, service })
  }
}

/** Browsers ask for HTML first, and send neither a credential nor a header of MCP. */
function isFromPerson({ headers }: Context): boolean {
  const isForApplications = Object.keys(headers).some((name) => name.startsWith('mcp-'))
  return (
    headers.accept?.startsWith('text/html') === true &&
    headers.authorization === undefined &&
    !isForApplications
  )
}
