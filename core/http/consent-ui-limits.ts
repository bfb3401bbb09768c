/**
 * How long consent-ui keeps an idle connection, in seconds. Envoy must close it earlier (idle_timeout of its cluster), or
 * it sends a request on a connection that consent-ui is closing, and answers 503. Below Node's headersTimeout of 60 s.
 */
export const CONSENT_UI_KEEP_ALIVE_SECONDS = 45

/** Max size of a request's headers at consent-ui, in KiB. Envoy allows less (max_request_headers_kb), and adds some. */
export const CONSENT_UI_HEADERS_KB = 64
