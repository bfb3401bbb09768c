/** Quilt recognizes API keys by this prefix only, so authz takes no such credential for a token. */
const PREFIX = 'qk_'

/** Keys in Quilt's documentation have about 50. */
const MAX_KEY_CHARACTERS = 256

/** The prefix and at least 20 characters of a b64token (RFC 6750 section 2.1): a shorter key could be guessed. */
const API_KEY = /^qk_[A-Za-z0-9\-._~+/]{20,}=*$/

const SHOWN_FIRST = PREFIX.length + 3
const SHOWN_LAST = 3

export function isApiKey(credential: string): boolean {
  return credential.startsWith(PREFIX)
}

/** True when the Registry should be asked about a key. */
export function hasKeyShape(key: string): boolean {
  return key.length <= MAX_KEY_CHARACTERS && API_KEY.test(key)
}

/** Names a well-formed key in the log as Quilt's audit log does: `qk_abc...xyz`. */
export function keyFingerprint(key: string): string {
  return `${key.slice(0, SHOWN_FIRST)}...${key.slice(-SHOWN_LAST)}`
}
