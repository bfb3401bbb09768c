import { createServer, type RequestListener, type Server } from 'node:http'
import { CONSENT_UI_HEADERS_KB, CONSENT_UI_KEEP_ALIVE_SECONDS } from '../../core/http/consent-ui-limits.ts'

/** The HTTP server behind Envoy. Its limits are wider than Envoy's, so that Envoy's apply. */
export function createHttpServer(handle: RequestListener): Server {
  return createServer(
    {
      keepAliveTimeout: CONSENT_UI_KEEP_ALIVE_SECONDS * 1000,
      maxHeaderSize: CONSENT_UI_HEADERS_KB * 1024,
    },
    handle,
  )
}
