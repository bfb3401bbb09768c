import helmet from 'koa-helmet'
import type { Middleware } from 'koa'
import { SCRIPT_SOURCES, STYLE_SOURCE } from '../pages/layout.ts'

interface PageSources {
  /** Where the page's script may send requests: nowhere by default. */
  readonly connectSource?: readonly string[]
  /** For a page whose URL is a secret. Its forms then have `Origin: null`. */
  readonly sendsNoReferrer?: boolean
}

/**
 * Headers of every page. There is no `form-action`: browsers would apply it to the redirect after the consent form
 * and block loopback addresses and custom schemes. Pages hold no foreign markup, and forms are bound to the browser.
 */
export function pageHeaders({ connectSource = [], sendsNoReferrer = false }: PageSources = {}): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': [STYLE_SOURCE],
        'script-src': SCRIPT_SOURCES,
        ...(connectSource.length === 0 ? {} : { 'connect-src': connectSource }),
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // With no-referrer a browser sends the form with `Origin: null`, which is refused.
    referrerPolicy: { policy: sendsNoReferrer ? 'no-referrer' : 'same-origin' },
    xFrameOptions: { action: 'deny' },
    // A client that opened the page in a window waits for that window to return.
    crossOriginOpenerPolicy: false,
    // Only Envoy's configuration knows whether there is https.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
  })
}
