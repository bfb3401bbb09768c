import type { KeyRing } from '../../../core/keys/keys.ts'
import { aboutPart, type Finding } from './finding.ts'
import type { Settings } from './settings.ts'

const DAY_MS = 86_400_000
const MAX_AGE_DAYS = 365
/** `keys new` begins an id with the day. */
const DAY_IN_ID = /^\d{4}-\d{2}-\d{2}/

/** Age and use of each operator's key. The schemas have refused weak, mistyped and shared ones. */
export function checkKeys({ authz, consentUi }: Settings, nowMs: number): readonly Finding[] {
  const shared = consentUi ?? authz
  if (shared === undefined) return []
  const audit = shared.audit === 'off' ? undefined : shared.audit.keys
  return [
    ...(consentUi === undefined ? [] : ringFindings('signing', consentUi.signingKeys, nowMs)),
    ...ringFindings('sealing', shared.sealingKeys, nowMs),
    ...(audit === undefined ? [] : ringFindings('audit', audit, nowMs)),
  ]
}

function ringFindings(kind: string, { current, all }: KeyRing, nowMs: number): Finding[] {
  const { ok, warning } = aboutPart('keys')
  const others = all.filter(({ id }) => id !== current.id).map(({ id, use }) => `${id} (${use})`)
  const rest = others.length === 0 ? '' : `; also ${others.join(', ')}`
  const days = ageInDays(current.id, nowMs)
  if (days === undefined) return [ok(`${kind} key ${current.id}: age unknown, as its id has no date${rest}`)]
  const text = `${kind} key ${current.id} is ${days} days old${rest}`
  return [
    days > MAX_AGE_DAYS
      ? warning(
          text,
          `rotate it: "connect keys new ${kind}", as deploy/connect/keys/README.md says; no user is logged out`,
        )
      : ok(text),
  ]
}

function ageInDays(id: string, nowMs: number): number | undefined {
  const createdMs = Date.parse(DAY_IN_ID.exec(id)?.[0] ?? '')
  return Number.isNaN(createdMs) ? undefined : Math.max(0, Math.floor((nowMs - createdMs) / DAY_MS))
}
