import type { DenyReason } from '../../../authz/decide/decision.ts'
import { REFUSALS } from '../../../authz/envoy/refusals.ts'
import { refusalBody, isAccessRefusal } from '../../../authz/read-access/refusal-body.ts'
import type { AccessRefusal } from '../../../authz/read-access/judge-call.ts'
import type { RequestRecords } from './find-request.ts'
import { numberOf, textOf, type LogRecord } from './log-records.ts'
import { OAUTH_ERRORS, SIGN_IN_REFUSALS } from './words/consent-ui-errors.ts'
import { DENIALS } from './words/denials.ts'
import { detailsInWords } from './words/envoy-details.ts'
import { FAILURES } from './words/failures.ts'
import type { Words } from './words/words.ts'

/** Who answered the request. */
type Stage = 'edge' | 'authenticate' | 'tool_access' | 'list_filter' | 'service' | 'consent-ui'
type Verdict = 'allowed' | 'refused' | 'unavailable'

export interface Cause extends Words {
  readonly stage: Stage
  readonly verdict: Verdict
  /** The code in the logs; absent when the request was allowed and answered. */
  readonly reason?: string
  /** What the client or the page was told. */
  readonly told: string
}

const TRY_AGAIN = '"Temporarily unavailable, try again", with Retry-After; clients keep their tokens'
const IN_ENVOYS_WORDS = 'an answer of Envoy that says only the status, as JSON or as a page'

/** Finds why the request was answered as it was: authz's word first, then consent-ui's, then Envoy's. */
export function causeOf({ access, lines }: RequestRecords): Cause {
  return ofAuthz(access, lines) ?? ofConsentUi(access, lines) ?? ofEnvoy(access) ?? answered(access, lines)
}

function ofAuthz(access: LogRecord | undefined, lines: readonly LogRecord[]): Cause | undefined {
  const line = lines.findLast((each) => each.service === 'authz' && isRefusal(each.decision))
  const refused = line === undefined ? refusalIn(access) : refusalOf(line)
  if (refused === undefined) return undefined
  const { decision, reason, stage } = refused
  if (decision === 'error') {
    return { stage, verdict: 'unavailable', reason, ...wordsIn(FAILURES, reason), told: TRY_AGAIN }
  }
  if (isAccessRefusal(reason)) return { stage, verdict: 'refused', reason, ...callWords(reason) }
  return { stage, verdict: 'refused', reason, ...wordsIn(DENIALS, reason), told: toldFor(reason) }
}

interface Refusal {
  readonly decision: string
  readonly reason: string
  readonly stage: Stage
}

/** From authz's own line. */
function refusalOf(line: LogRecord): Refusal {
  const isOfCall = textOf(line, 'message')?.startsWith('tool call') === true
  return {
    decision: textOf(line, 'decision') ?? '',
    reason: textOf(line, 'reason') ?? 'unknown',
    stage: isOfCall ? 'tool_access' : 'authenticate',
  }
}

/** From what authz told Envoy, where its own line is missing. */
function refusalIn(access: LogRecord | undefined): Refusal | undefined {
  if (textOf(access, 'tool_decision') === 'deny') {
    return { decision: 'deny', reason: textOf(access, 'tool_reason') ?? 'unknown', stage: 'tool_access' }
  }
  const decision = textOf(access, 'decision')
  if (decision === undefined || !isRefusal(decision)) return undefined
  return { decision, reason: textOf(access, 'reason') ?? 'unknown', stage: authzStage(access) }
}

function authzStage(access: LogRecord | undefined): Stage {
  return numberOf(access, 'tool_access_microseconds') === undefined ? 'authenticate' : 'tool_access'
}

function isRefusal(decision: unknown): boolean {
  return decision === 'deny' || decision === 'error' || decision === 'call_refused'
}

function callWords(reason: AccessRefusal): Words & { readonly told: string } {
  const { error } = JSON.parse(refusalBody(reason, undefined, false)) as { error: { message: string } }
  const isAccess = reason === 'tool_not_allowed' || reason === 'method_not_allowed'
  return {
    meaning: isAccess ? DENIALS.read_only.meaning : error.message,
    told: `a JSON-RPC error: "${error.message}"`,
    fix: isAccess ? DENIALS.read_only.fix : "ask the application's developer to change the message",
  }
}

function toldFor(reason: string): string {
  const refusal = Object.hasOwn(REFUSALS, reason) ? REFUSALS[reason as DenyReason] : undefined
  if (refusal === undefined) return 'an error'
  switch (refusal.kind) {
    case 'not_found':
      return '"not_found"'
    case 'stopped':
      return '"The operator has stopped this service for now, try again later", with Retry-After'
    case 'forbidden':
      return `"${refusal.description}"`
    case 'challenge':
      return refusal.description === undefined
        ? 'where to sign in (WWW-Authenticate), as at the first request of every client'
        : `"${refusal.description}" (WWW-Authenticate); the client refreshes, or sends its user to sign in`
  }
}

function ofConsentUi(access: LogRecord | undefined, lines: readonly LogRecord[]): Cause | undefined {
  const own = lines.filter(({ service }) => service === 'consent-ui')
  const stage = 'consent-ui'
  const refused = own.findLast(({ message }) => message === 'request refused')
  const told = (line: LogRecord | undefined): string => `"${textOf(line, 'description') ?? 'a page'}"`
  const known = knownCause(own)
  if (known !== undefined) {
    const { reason, ...words } = known
    const page = refused === undefined ? 'a page that says so' : told(refused)
    return { stage, verdict: 'refused', reason, ...words, told: page }
  }
  if (refused !== undefined) {
    const reason = textOf(refused, 'error') ?? 'unknown'
    return { stage, verdict: 'refused', reason, ...wordsIn(OAUTH_ERRORS, reason), told: told(refused) }
  }
  const failed = own.findLast(({ message }) => message === 'request failed: unavailable')
  if (failed !== undefined) {
    const reason = 'temporarily_unavailable'
    return { stage, verdict: 'unavailable', reason, ...OAUTH_ERRORS[reason], told: told(failed) }
  }
  const isLimited = numberOf(access, 'status') === 429 && textOf(access, 'details') === 'via_upstream'
  if (!isLimited || textOf(access, 'decision') !== undefined) return undefined
  const reason = 'too_many_requests'
  return {
    stage,
    verdict: 'refused',
    reason,
    ...OAUTH_ERRORS[reason],
    told: '"too many requests", with Retry-After',
  }
}

/** From the line before the refusal: its OAuth error is the same for every page. */
function knownCause(own: readonly LogRecord[]): (Words & { readonly reason: string }) | undefined {
  if (own.some(({ message }) => message === 'client refused: blocked')) {
    return { reason: 'client_blocked', ...DENIALS.client_blocked }
  }
  const refusal = textOf(
    own.findLast(({ refusal: each }) => each !== undefined),
    'refusal',
  )
  if (refusal === undefined) return undefined
  return { reason: `sign_in_${refusal}`, ...wordsIn(SIGN_IN_REFUSALS, refusal) }
}

function ofEnvoy(access: LogRecord | undefined): Cause | undefined {
  const details = textOf(access, 'details') ?? ''
  const words = detailsInWords(details)
  const status = numberOf(access, 'status') ?? 0
  if (words === undefined || (status > 0 && status < 400)) return undefined
  const verdict = status === 0 || status >= 500 ? 'unavailable' : 'refused'
  const told = status >= 500 ? TRY_AGAIN : IN_ENVOYS_WORDS
  return { stage: stageOf(access, details), verdict, reason: details, ...words, told }
}

function stageOf(access: LogRecord | undefined, details: string): Stage {
  if (details.startsWith('list_') || details.startsWith('ext_proc')) return 'list_filter'
  if (details.startsWith('ext_authz')) return authzStage(access)
  return textOf(access, 'decision') === 'allow' ? 'service' : 'edge'
}

function answered(access: LogRecord | undefined, lines: readonly LogRecord[]): Cause {
  const isByService =
    textOf(access, 'decision') === 'allow' ||
    lines.some(({ service, decision }) => service === 'authz' && decision === 'allow')
  const stage = isByService ? 'service' : 'consent-ui'
  const by = isByService ? 'the service' : 'consent-ui'
  const status = numberOf(access, 'status')
  if (status === undefined || status < 400) {
    return { stage, verdict: 'allowed', meaning: `${by} answered`, fix: 'none', told: `the answer of ${by}` }
  }
  return {
    stage,
    verdict: 'allowed',
    reason: `answered_${status}`,
    meaning: `Connect let the request through, and ${by} answered ${status}`,
    fix: `look at the log of ${by}; the request has the same id there`,
    told: `the answer of ${by}`,
  }
}

function wordsIn(table: Readonly<Record<string, Words>>, reason: string): Words {
  return (Object.hasOwn(table, reason) ? table[reason] : undefined) ?? unknownReason(reason)
}

function unknownReason(reason: string): Words {
  return {
    meaning: `${reason} (this version of the command has no words for it)`,
    fix: 'use the command of the release that wrote the log',
  }
}
