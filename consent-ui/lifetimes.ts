/** From the client's request until the person has answered. */
export const TRANSACTION_SECONDS = 600
/** How long the browser is remembered, with who signed in at it, for the consent pages only. */
export const BROWSER_SECONDS = 600
/** A visit to the identity provider, from its start to its return. */
export const SIGN_IN_ATTEMPT_SECONDS = 600
/** An answer given twice within this time (a double click) is the same answer. */
export const ANSWER_SECONDS = 60
export const CODE_SECONDS = 60
/** How long a used code is remembered, to tell a replay from a code that never was. */
export const USED_CODE_SECONDS = 600
export const SESSION_SECONDS = 30 * 86_400
export const SESSION_IDLE_SECONDS = 14 * 86_400
/** A refresh token exchanged again within this time gets the same successor: parallel refreshes, lost answers. */
export const REFRESH_REPEAT_SECONDS = 120
export const REGISTRY_TIMEOUT_MS = 5000
export const IDENTITY_PROVIDER_TIMEOUT_SECONDS = 5
/** Discovery documents may be cached for so long. */
export const DISCOVERY_CACHE_SECONDS = 300
