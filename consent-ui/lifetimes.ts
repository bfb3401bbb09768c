/** From the client's request until the user decides. */
export const TRANSACTION_SECONDS = 600
/** From the browser's last request that started something. */
export const BROWSER_SECONDS = 600
/** From the catalog's answer until the user's browser opens our page. */
export const HAND_OFF_SECONDS = 60
/** A browser's sign-in, for our own pages only. */
export const SIGN_IN_SECONDS = 600
/** An administrator's sign-in to the administrators' page. */
export const ADMIN_SECONDS = 900
export const SIGN_IN_ATTEMPT_SECONDS = 600
/** Two decisions within this time count as one (a double click). */
export const ANSWER_SECONDS = 60
export const CODE_SECONDS = 60
/** Longer than a login attempt, the sign-in that follows, and the code of its approval. */
export const LOGOUT_MARKER_SECONDS = SIGN_IN_ATTEMPT_SECONDS + SIGN_IN_SECONDS + 2 * CODE_SECONDS
/** How long used codes are kept, to recognize a replay. */
export const USED_CODE_SECONDS = 600
/** After a revocation, earlier codes are refused and consent is not skipped. Longer than any code lives. */
export const REVOCATION_MARKER_SECONDS = 2 * CODE_SECONDS
/** A code used again within this time is a retry of a client or proxy; later, it is a replay. */
export const CODE_RESENT_SECONDS = 10
/** Of the link between an identity-provider subject and a Quilt user, from the last sign-in. */
export const LINK_SECONDS = 400 * 86_400
/** At most; a consent is not remembered longer than its grant. */
export const REMEMBERED_CONSENT_SECONDS = 30 * 86_400
/** How long an approval counts for what the consent page says of colleagues. */
export const APPROVAL_SECONDS = 400 * 86_400
/** For facts that the consent page only shows: without an answer, it leaves them out. */
export const SHOWN_FACT_TIMEOUT_MS = 1500
/** How long the connected applications list what has ended. */
export const ENDED_SESSION_SECONDS = 30 * 86_400
/** If less of a grant is left, the user is asked for a new one. */
export const MIN_SKIP_CONSENT_SECONDS = 3600
/** A refresh token used again within this time gets the same successor: parallel refreshes, lost responses. */
export const REFRESH_REPEAT_SECONDS = 120
export const REGISTRY_TIMEOUT_MS = 5000
/** Maximum age of a user status; a refresh checks an older one again. */
export const USER_CHECK_SECONDS = 30
/** From the last moment a credential could be used until it is logged out. */
export const UNUSED_MARGIN_SECONDS = 5
/** The response may contain a single-use refresh token's successor; if it is lost, nothing can be renewed. */
export const ROTATION_TIMEOUT_MS = 30_000
/** Longer than the requests of a renewal can take: one rotation and two to the Registry. */
export const RENEWAL_CLAIM_MS = ROTATION_TIMEOUT_MS + 2 * REGISTRY_TIMEOUT_MS + 5000
/** How long a token request waits for a renewal, which continues without it. */
export const RENEWAL_WAIT_MS = 3000
/** After a failed renewal; doubles each time, up to the maximum. */
export const RENEWAL_RETRY_SECONDS = 5
export const MAX_RENEWAL_RETRY_SECONDS = 300
/** A session ends if its credential has expired and renewals have failed for this long. */
export const RENEWAL_FAILURE_MAX_SECONDS = 86_400
export const RENEWAL_POLL_MS = 50
export const IDENTITY_PROVIDER_TIMEOUT_SECONDS = 5
/** How long blocks and stops in memory count while Redis cannot be read, as in authz. */
export const CONTROLS_GRACE_MS = 30_000
/** A link of a notice works for 7 days. */
export const NOTICE_LINK_SECONDS = 604_800
/** Between two notices to a user about one client. */
export const NOTICE_INTERVAL_SECONDS = 86_400
/** How long the networks of a user's approvals are known, after the last approval. */
export const NOTICE_MEMORY_SECONDS = 90 * 86_400
/** `Retry-After` of a 503. */
export const RETRY_AFTER_SECONDS = 5
export const DISCOVERY_CACHE_SECONDS = 300
