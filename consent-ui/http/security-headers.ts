import helmet from 'koa-helmet'
import type { Middleware } from 'koa'
import { STYLE_SOURCE } from '../pages/layout.ts'

/**
 * Headers of every page: nothing but our own style is loaded, nobody frames it, no address leaks.
 *
 * `form-action` stays away on purpose: browsers apply it to every redirect after the consent form, so that it
 * would stop the way back to loopback addresses, custom schemes, and hosts that send on to those. Pages hold no
 * markup of others, and the form is bound to browser, transaction and person.
 */
export function pageHeaders(): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': [STYLE_SOURCE],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // With no-referrer a browser sends `Origin: null` with the form, which must name us.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    // A client that opened us in a window of its own waits for it to come back.
    crossOriginOpenerPolicy: false,
    // Whether there is https, Envoy's configuration says.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
  })
}
