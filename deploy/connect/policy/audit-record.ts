import { z } from 'zod'

/** Only audit lines have it (audit-event.ts). */
const AUDIT_MARK = '"eventSource":"QuiltConnect"'

const access = z.enum(['read', 'full'])

const auditRecord = z.object({
  eventName: z.string(),
  eventTime: z.string(),
  time: z.number(),
  errorCode: z.string().nullable(),
  requestParameters: z.object({
    service: z.string().optional(),
    access: access.optional(),
    operation: z.string().optional(),
    client: z.string().optional(),
    clientName: z.string().optional(),
    session: z.string().optional(),
  }),
  additionalEventData: z.object({
    stage: z.string().optional(),
    refusalsNotRecorded: z.number().optional(),
    services: z.array(z.string()).optional(),
    apiKeys: z.string().optional(),
  }),
  metadata: z.object({ product: z.object({ feature: z.object({ name: z.string() }) }) }),
  /** Absent after the removal of personal data. */
  userIdentity: z.object({ userName: z.string().optional() }).nullish(),
  chain: z.object({ process: z.string() }),
})

/** What a replay reads of a line of the audit log. */
export type AuditRecord = z.output<typeof auditRecord>

/** @returns undefined for lines of other logs; 'unreadable' for a damaged line of the audit log */
export function readRecord(text: string): AuditRecord | 'unreadable' | undefined {
  if (!text.includes(AUDIT_MARK)) return undefined
  try {
    return auditRecord.safeParse(JSON.parse(text)).data ?? 'unreadable'
  } catch {
    return 'unreadable'
  }
}

/** True for a request that authz allowed or refused. */
export function isDecision({ eventName, metadata }: AuditRecord): boolean {
  const isOfRequest = eventName === 'Connect.ToolCalled' || eventName === 'Connect.RequestRefused'
  return isOfRequest && metadata.product.feature.name === 'authz'
}
