/** Quilt goes by the prefix alone, and so do we: whatever has it is never taken for a token of ours. */
const PREFIX = 'qk_'

/** More than any key; the documented sample has little more than 50. */
const LONGEST_KEY_CHARACTERS = 256

/**
 * The prefix, and at least 20 characters of a b64token (RFC 6750 section 2.1): Quilt publishes neither length nor
 * alphabet. Fewer characters would be guessed, and half shown by the fingerprint.
 */
const API_KEY = /^qk_[A-Za-z0-9\-._~+/]{20,}=*$/

/** Characters of a key that its fingerprint shows. */
const SHOWN_FIRST = PREFIX.length + 3
const SHOWN_LAST = 3

/** Whether a bearer credential is meant for an API key. */
export function isApiKey(credential: string): boolean {
  return credential.startsWith(PREFIX)
}

/** Whether it can be one: the Registry is not asked about anything else. */
export function hasKeyShape(key: string): boolean {
  return key.length <= LONGEST_KEY_CHARACTERS && API_KEY.test(key)
}

/** Names a key in the log as Quilt's own audit log does, `qk_abc...xyz`; of a key that has its shape. */
export function keyFingerprint(key: string): string {
  return `${key.slice(0, SHOWN_FIRST)}...${key.slice(-SHOWN_LAST)}`
}
