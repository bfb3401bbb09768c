import type { DenyReason } from '../../../../authz/decide/decision.ts'
import type { Words } from './words.ts'

const CONNECT_AGAIN = 'the user connects the application again'
const ASK_CLIENT = "ask the application's developer: "

/** Why authz denied a request. */
export const DENIALS: Readonly<Record<DenyReason, Words>> = {
  no_service: {
    meaning: 'no service is configured at this path',
    fix: 'compare the URL in the application with the prefixes in CONNECT_SERVICES',
  },
  stopped: {
    meaning: 'the operator has stopped the service',
    fix: 'the operator starts it again when the incident is over; clients keep their tokens',
  },
  no_credential: {
    meaning: 'the request carried no credential',
    fix: 'none if the client signs in next: the first request of every client is refused so. If it goes on, the client does not send its token: connect the application again',
  },
  several_credentials: {
    meaning: 'the request carried more than one credential',
    fix: `${ASK_CLIENT}it must send one Authorization header with one token`,
  },
  malformed_credential: {
    meaning: 'the Authorization header is not "Bearer" with one token',
    fix: `${ASK_CLIENT}RFC 6750 section 2.1 has the form`,
  },
  token_malformed: {
    meaning: 'the token is not an access token of Connect',
    fix: `look for a token of another server, or a refresh token, in the application's settings; else ${CONNECT_AGAIN}`,
  },
  token_bad_signature: {
    meaning: 'no key of this installation signed the token',
    fix: `if the token is of another installation, ${CONNECT_AGAIN}. If many users are refused so, CONNECT_PUBLIC_KEYS of authz does not have the keys of consent-ui: see "keys public"`,
  },
  token_wrong_issuer: {
    meaning: 'another server issued the token',
    fix: `compare CONNECT_ORIGIN of authz and consent-ui; if they are the same, ${CONNECT_AGAIN}`,
  },
  token_wrong_audience: {
    meaning: 'the token is for another service',
    fix: `compare the URL in the application with the service that it connected to; ${CONNECT_AGAIN}`,
  },
  token_expired: {
    meaning: 'the access token has expired',
    fix: `none if the client refreshes next, as most do. If it goes on, ${CONNECT_AGAIN}`,
  },
  client_blocked: {
    meaning: 'the operator has blocked the application',
    fix: 'the operator removes the block if it was a mistake',
  },
  session_ended: {
    meaning: 'the session has ended: its user, an operator or Connect ended it, or Redis lost it',
    fix: `search the audit log and the log of consent-ui for who ended it; ${CONNECT_AGAIN}`,
  },
  session_expired: {
    meaning: 'the session has reached its end',
    fix: CONNECT_AGAIN,
  },
  session_mismatch: {
    meaning: 'token and session name different users, applications or services',
    fix: `tell the operator's security team: only a changed record in Redis or a copied id causes this; ${CONNECT_AGAIN}`,
  },
  wrong_share: {
    meaning: 'the token does not open the Quilt credential of its session',
    fix: `tell the operator's security team if it happens often: the record in Redis was changed or damaged; ${CONNECT_AGAIN}`,
  },
  credential_expired: {
    meaning: "the session's Quilt credential has expired",
    fix: `none if the client refreshes next: that renews it. If it goes on, ${CONNECT_AGAIN}`,
  },
  person_refused: {
    meaning: 'the Registry no longer accepts the user: deactivated, or the credential was revoked',
    fix: `ask a Quilt administrator whether the user is active; then ${CONNECT_AGAIN}`,
  },
  api_keys_off: {
    meaning: 'the request carried a Quilt API key, and API keys are off here',
    fix: 'the operator sets API_KEYS=read or API_KEYS=full, or the user connects the application',
  },
  api_key_malformed: {
    meaning: 'the API key does not have the form of one',
    fix: 'copy the key again: it may be cut off',
  },
  api_key_refused: {
    meaning: 'the Registry does not accept the API key',
    fix: 'the user makes a new key in Quilt: the old one was revoked or has expired',
  },
  read_only: {
    meaning: 'the session may only read, and the request may change something',
    fix: 'the user connects the application again and chooses "Read and change", if the service offers it',
  },
}
