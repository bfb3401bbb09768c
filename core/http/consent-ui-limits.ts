/**
 * Idle timeout of a connection to consent-ui. Envoy closes it earlier (idle_timeout of its cluster), or a request
 * could meet a connection that consent-ui is closing. Below Node's headersTimeout of 60 s.
 */
export const CONSENT_UI_KEEP_ALIVE_SECONDS = 45

/** Envoy allows less (max_request_headers_kb) and adds some headers. */
export const CONSENT_UI_HEADERS_KB = 64
