import type { UnavailableReason } from '../../../../authz/decide/decision.ts'
import type { Words } from './words.ts'

/** Why authz could not decide. */
export const FAILURES: Readonly<Record<UnavailableReason, Words>> = {
  store_unavailable: {
    meaning: 'Redis did not answer, or its record of the session cannot be read',
    fix: 'look at Redis (memory, CPU, network); "connect check" asks it now',
  },
  too_many_new_tokens: {
    meaning: 'authz had too many unverified tokens to check',
    fix: 'look for a flood of forged tokens from one network (token_bad_signature); else give authz more CPU',
  },
  registry_unavailable: {
    meaning: 'the Registry did not answer about the user or the API key',
    fix: 'look at the Registry; "connect check" asks it now',
  },
  too_many_api_keys: {
    meaning: 'authz had too many unknown API keys to ask the Registry about',
    fix: 'look for a flood of API keys from one network',
  },
  audit_unavailable: {
    meaning: 'the audit log cannot take the event, and AUDIT_REQUIRED is set',
    fix: "look at the target of AUDIT_LOG: its disk or server; authz's log says why",
  },
  too_late: {
    meaning: 'authz was slower than Envoy waits, or the client hung up',
    fix: "look at the CPU of authz and Redis, and at authz's event-loop delay (docs/metrics.md)",
  },
  sealing_key_missing: {
    meaning: 'CONNECT_SEALING_KEYS of authz lacks the key of the session',
    fix: 'put the key back with the use "accept" ("keys status" names it): no session is lost',
  },
  signing_key_missing: {
    meaning: 'CONNECT_PUBLIC_KEYS of authz lacks a key with which consent-ui signs',
    fix: 'give authz the output of "keys public" of consent-ui',
  },
  not_authenticated: {
    meaning: 'the tool_access filter ran without the authenticate filter',
    fix: "run Envoy's configuration through envoy lint: its filter chain was changed",
  },
  internal: {
    meaning: 'authz failed by a fault of its own',
    fix: "report it with the stack in authz's log line",
  },
}
