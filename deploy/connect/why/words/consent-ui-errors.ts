import type { OAuthErrorCode } from '../../../../consent-ui/oauth/errors.ts'
import type { SignInRefusal } from '../../../../consent-ui/provider/sign-in-refused.ts'
import type { Words } from './words.ts'

const ASK_CLIENT = "ask the application's developer; the description says what to change"
const CONNECT_AGAIN = 'the user connects the application again'

/** Why consent-ui refused a request: the OAuth error that the client or the page got. */
export const OAUTH_ERRORS: Readonly<Record<OAuthErrorCode | 'too_many_requests', Words>> = {
  access_denied: {
    meaning: 'the user cancelled, or the identity provider refused the user',
    fix: CONNECT_AGAIN,
  },
  consent_required: {
    meaning: 'the client wanted no page (prompt=none), but the user must be asked for consent',
    fix: 'none: the client asks again with a page',
  },
  interaction_required: {
    meaning: 'the client wanted no page (prompt=none), but the user must see one',
    fix: 'none: the client asks again with a page',
  },
  login_required: {
    meaning: 'the client wanted no page (prompt=none), but the user must sign in',
    fix: 'none: the client asks again with a page',
  },
  invalid_client: {
    meaning: 'the client is unknown here, or did not prove that it is the one',
    fix: 'the application registers again: remove the connection in it and add it anew; for a configured client, compare its secret with CONNECT_CLIENTS',
  },
  invalid_client_metadata: { meaning: 'the registration has a wrong member', fix: ASK_CLIENT },
  invalid_grant: {
    meaning: 'the code, refresh token or identity assertion is unknown, used, expired, revoked or not valid',
    fix: `search the log of consent-ui for "replay" and "session ended" at that time; ${CONNECT_AGAIN}`,
  },
  invalid_redirect_uri: {
    meaning: 'the registration names an address to return to that is not allowed',
    fix: 'the operator adds its host to CONNECT_ALLOWED_HOSTS if the application is trusted',
  },
  invalid_request: {
    meaning: 'the request is wrong, or the page is out of date; the description says how',
    fix: 'if a page was out of date, start again in the application; else ask its developer',
  },
  invalid_scope: {
    meaning: 'the identity assertion grants none of the scopes that the client asked for',
    fix: 'the administrator of the identity provider allows the scopes of the service (docs/enterprise.md)',
  },
  invalid_target: {
    meaning: 'the client asked for a resource that is not served here',
    fix: 'compare the URL in the application with the prefixes in CONNECT_SERVICES',
  },
  registration_not_supported: {
    meaning: 'the client sent a registration with its request (OpenID Connect Core section 7.2.1)',
    fix: ASK_CLIENT,
  },
  request_not_supported: {
    meaning: 'the client sent a request object (RFC 9101)',
    fix: ASK_CLIENT,
  },
  request_uri_not_supported: {
    meaning: 'the client sent a request_uri (RFC 9101)',
    fix: ASK_CLIENT,
  },
  temporarily_unavailable: {
    meaning: 'the operator has stopped the service, or a part behind consent-ui does not answer',
    fix: 'the description names the part; "connect check" asks it now',
  },
  too_many_requests: {
    meaning: 'the address or the client reached a rate limit',
    fix: 'wait as long as Retry-After says; if an office shares one address, raise RATE_LIMIT_… (docs/configuration.md)',
  },
  unauthorized_client: {
    meaning: 'the operator has blocked the client, or has not allowed it to use identity assertions',
    fix: 'the operator removes the block if it was a mistake, or adds the client to ENTERPRISE_CLIENTS',
  },
  unsupported_grant_type: {
    meaning: 'the client asked for tokens in a way that Connect does not offer',
    fix: ASK_CLIENT,
  },
  unsupported_response_type: {
    meaning: 'the client asked for something else than a code',
    fix: ASK_CLIENT,
  },
}

/** Why a sign-in at the identity provider was refused. */
export const SIGN_IN_REFUSALS: Readonly<Record<SignInRefusal, Words>> = {
  access_denied: {
    meaning: 'the identity provider refused the user, or the user cancelled there',
    fix: "none if the user cancelled; else ask the identity provider's administrator whether the user is assigned to Connect",
  },
  no_email: {
    meaning: 'the identity provider sent no e-mail address, in the ID token or at UserInfo',
    fix: "the identity provider's administrator adds the claim email for Connect; see docs/identity-providers.md",
  },
  emails_differ: {
    meaning: 'the ID token and UserInfo have different e-mail addresses',
    fix: "the identity provider's administrator makes both send the same claim",
  },
  email_not_verified: {
    meaning: "the identity provider says that the user's e-mail address is not verified",
    fix: "the identity provider's administrator verifies the address; see OIDC_EMAIL_VERIFIED",
  },
  clocks_differ: {
    meaning: 'the ID token is not valid at this time by the clock of consent-ui',
    fix: 'compare the clocks: "connect check" shows the difference',
  },
  refresh_token_over: {
    meaning: 'the identity provider no longer accepts its own refresh token',
    fix: CONNECT_AGAIN,
  },
  no_account_selection: {
    meaning: 'the identity provider has no page to choose an account',
    fix: 'the user signs out at the identity provider, then connects again',
  },
  signed_out: {
    meaning: 'the identity provider reported a logout before the sign-in arrived',
    fix: 'the user signs in again',
  },
  other: {
    meaning: 'the answer of the identity provider is wrong or names no user',
    fix: "compare the client's settings at the identity provider; the reason is in consent-ui's log line",
  },
}
