import type { Middleware } from 'koa'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { Service } from '../../core/services/service.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { CHECK_PAGE } from '../http/paths.ts'
import { checkPage } from '../pages/check-page.ts'

/** Its session ends by itself after this, where the browser does not end it before. */
const CHECK_SECONDS = 300

interface Bounds {
  readonly service: Service
  readonly lifetimes: SessionLifetimes
}

/** Shows the self-test: a page whose script connects as an MCP client does, and ends its session afterwards. */
export function showCheckPage({ services }: { readonly services: readonly Service[] }): Middleware {
  const checked = services.filter(({ kind }) => kind === 'mcp')
  return function showCheck(ctx) {
    const named = checked.find(({ name }) => name === ctx.query.service)
    ctx.type = 'html'
    ctx.body = checkPage({
      services: checked,
      selected: named ?? checked.find(({ isDefault }) => isDefault) ?? checked[0],
    })
  }
}

/** The check's redirect URI, which the operator's list need not name: its codes only reach this server's page. */
export function checkRedirect(origin: string): AllowedHosts[number] {
  return { kind: 'page', href: checkUrl(origin) }
}

/** True for the check's own redirect URI. Any client may use it, and only this server's page gets the code. */
export function isCheckRedirect(origin: string, redirectUri: string): boolean {
  // As allowed URIs are compared: by what a URL parser makes of them.
  return URL.parse(redirectUri)?.href === checkUrl(origin)
}

/** Sessions of the check are read-only and short, for every client that uses its redirect URI. */
export function boundsOfCheck(origin: string, redirectUri: string, bounds: Bounds): Bounds {
  if (!isCheckRedirect(origin, redirectUri)) return bounds
  return {
    service: { ...bounds.service, grants: ['read'] },
    lifetimes: { ...bounds.lifetimes, sessionSeconds: CHECK_SECONDS, maxSeconds: CHECK_SECONDS },
  }
}

function checkUrl(origin: string): string {
  return `${origin}${CHECK_PAGE}`
}
