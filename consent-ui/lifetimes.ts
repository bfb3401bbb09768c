/** From the client's request until the person has answered. */
export const TRANSACTION_SECONDS = 600
/** How long a browser is remembered after it last began something. */
export const BROWSER_SECONDS = 600
/** How long who signed in at it counts, for our own pages only. */
export const SIGN_IN_SECONDS = 600
/** A visit to the identity provider, from its start to its return. */
export const SIGN_IN_ATTEMPT_SECONDS = 600
/** An answer given twice within this time (a double click) is the same answer. */
export const ANSWER_SECONDS = 60
export const CODE_SECONDS = 60
/** How long a used code is remembered, to tell a replay from a code that never was. */
export const USED_CODE_SECONDS = 600
/**
 * How long after somebody took something back codes from before are refused, and nothing is answered unasked: longer
 * than it takes to issue a code, and than that lives.
 */
export const TAKEN_BACK_SECONDS = 2 * CODE_SECONDS
/** A code sent twice within this time is one that a client or a proxy sent again; later, it was kept by somebody. */
export const CODE_RESENT_SECONDS = 10
/** Who is who is remembered for so long after the last sign-in. */
export const LINK_SECONDS = 400 * 86_400
/** An answer to an application is remembered for so long, and no longer than what it granted. */
export const REMEMBERED_CONSENT_SECONDS = 30 * 86_400
/** What is left of a grant has to be worth connecting for, or the person is asked for a new one. */
export const LEAST_UNASKED_SECONDS = 3600
/** A refresh token exchanged again within this time gets the same successor: parallel refreshes, lost answers. */
export const REFRESH_REPEAT_SECONDS = 120
export const REGISTRY_TIMEOUT_MS = 5000
/** A refresh asks the Registry about its user only where the last answer is older. */
export const USER_CHECK_SECONDS = 30
/** A credential that nobody came for is logged out so long after the last moment to come. */
export const UNUSED_MARGIN_SECONDS = 5
/** For an answer that may hold the successor of a refresh token which counts once: without it nothing renews. */
export const ROTATION_TIMEOUT_MS = 30_000
/** Longer than the questions of a renewal may take together: a rotation and two at the Registry. */
export const RENEWAL_CLAIM_MS = ROTATION_TIMEOUT_MS + 2 * REGISTRY_TIMEOUT_MS + 5000
/** How long a token request waits for a renewal, which goes on without it. */
export const RENEWAL_WAIT_MS = 3000
/** After a renewal that failed for now; the delay doubles each time, up to the maximum. */
export const RENEWAL_RETRY_SECONDS = 5
export const MAX_RENEWAL_RETRY_SECONDS = 300
/** A session whose credential is over, and whose renewals have failed for this long, ends: its user can sign in again. */
export const RENEWAL_FAILURE_MAX_SECONDS = 86_400
export const RENEWAL_POLL_MS = 50
export const IDENTITY_PROVIDER_TIMEOUT_SECONDS = 5
/** What failed through our own trouble may be tried again after so long. */
export const RETRY_AFTER_SECONDS = 5
/** Discovery documents may be cached for so long. */
export const DISCOVERY_CACHE_SECONDS = 300
