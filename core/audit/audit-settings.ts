import { z } from 'zod'
import { onOrOff } from '../config/settings.ts'
import { keyList, keyRing, type KeyRing, type OperatorKey } from '../keys/keys.ts'
import { auditHeaders, auditTarget, type AuditTarget } from './audit-target.ts'

export const auditVariables = {
  AUDIT_LOG: auditTarget,
  AUDIT_LOG_HEADERS: auditHeaders.optional(),
  AUDIT_REQUIRED: onOrOff,
  AUDIT_KEYS: keyList('audit').optional(),
}

/** Where the audit log is written, and the keys of its chain. */
export type AuditSettings =
  | 'off'
  | {
      readonly target: AuditTarget
      /** Refuse requests rather than lose their events. */
      readonly isRequired: boolean
      readonly keys: KeyRing
    }

type AuditEnvironment = z.output<z.ZodObject<typeof auditVariables>>

export function checkAuditVariables(
  environment: AuditEnvironment & { readonly CONNECT_SEALING_KEYS: readonly OperatorKey[] },
  context: z.RefinementCtx,
): void {
  const { AUDIT_LOG: target, AUDIT_REQUIRED: isRequired, AUDIT_KEYS: keys } = environment
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  if (target !== 'off' && keys === undefined) {
    refuse('AUDIT_LOG', 'needs AUDIT_KEYS: make a list with npm run keys -- new audit sign')
  }
  if (target === 'off' && isRequired)
    refuse('AUDIT_REQUIRED', 'needs AUDIT_LOG: set where events are written')
  if (environment.AUDIT_LOG_HEADERS !== undefined && !isCollector(target))
    refuse('AUDIT_LOG_HEADERS', 'needs an https URL as AUDIT_LOG')
  for (const { id, secret } of keys ?? []) {
    if (!environment.CONNECT_SEALING_KEYS.some((key) => key.secret.equals(secret))) continue
    refuse('AUDIT_KEYS', `${id} has the secret of a sealing key; make a key of its own with npm run keys`)
  }
}

export function auditSettings(env: AuditEnvironment & { readonly CONNECT_ORIGIN: string }): AuditSettings {
  const { AUDIT_LOG: target, AUDIT_LOG_HEADERS: headers, AUDIT_REQUIRED: isRequired, AUDIT_KEYS: keys } = env
  if (target === 'off' || keys === undefined) return 'off'
  const withHeaders = isCollector(target) && headers !== undefined ? { ...target, headers } : target
  return { target: withHeaders, isRequired, keys: keyRing(env.CONNECT_ORIGIN, keys) }
}

function isCollector(target: AuditTarget | 'off'): target is Extract<AuditTarget, { readonly url: URL }> {
  return typeof target === 'object' && 'url' in target
}
