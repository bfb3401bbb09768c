import { z } from 'zod'

const text = z.string().max(200)
const nullableText = text.nullable()
const detail = z.union([text, z.number(), z.boolean(), z.array(text)])
const user = z.strictObject({ name: text, email_addr: text.optional() })

/** Members that an OCSF class requires, beside those of every event. */
const REQUIRED_BY_CLASS: Readonly<Record<number, readonly string[]>> = {
  3002: ['user', 'service'],
  3003: ['user', 'service', 'privileges'],
  3004: ['entity', 'actor'],
  3005: ['user', 'privileges'],
  6003: ['actor', 'api', 'src_endpoint'],
}

/** An audit event: the members of Quilt's audit trail first, those of OCSF 1.8 beside them. */
export const auditEvent = z
  .strictObject({
    eventVersion: z.literal('1.0'),
    eventTime: z.iso.datetime(),
    eventID: z.uuid(),
    eventSource: z.literal('QuiltConnect'),
    eventType: z.literal('ConnectEvent'),
    eventName: z.string().regex(/^Connect\.[A-Z][A-Za-z]+$/),
    requestID: nullableText,
    requestParameters: z.strictObject({
      service: text.optional(),
      access: z.enum(['read', 'full']).optional(),
      operation: text.optional(),
      client: z
        .string()
        .regex(/^[0-9a-f]{16}$/)
        .optional(),
      clientName: text.optional(),
      session: z
        .string()
        .regex(/^[\w-]{43}$/)
        .optional(),
    }),
    responseElements: z.null(),
    errorCode: nullableText,
    errorMessage: z.null(),
    additionalEventData: z
      .object({ by: z.enum(['user', 'client', 'administrator', 'operator', 'connect']) })
      .catchall(detail),
    activity_id: z.number(),
    category_uid: z.number(),
    class_uid: z.number(),
    type_uid: z.number(),
    severity_id: z.number().min(1).max(4),
    status_id: z.union([z.literal(1), z.literal(2)]),
    status_detail: text.optional(),
    time: z.number().int(),
    metadata: z.strictObject({
      product: z.strictObject({
        name: z.literal('Quilt Connect'),
        vendor_name: z.literal('Quilt Data'),
        feature: z.strictObject({ name: text }),
      }),
      version: z.literal('1.8.0'),
    }),
    service: z.strictObject({ name: text }).optional(),
    privileges: z.array(text).optional(),
    entity: z.strictObject({ name: text, type: text }).optional(),
    api: z.strictObject({ operation: text }).optional(),
    userIdentity: z
      .strictObject({ type: z.literal('QuiltUser'), userName: text.optional(), email: text.optional() })
      .nullable(),
    userAgent: nullableText,
    sourceIPAddress: nullableText,
    user: user.optional(),
    actor: z.strictObject({ user }).optional(),
    src_endpoint: z.union([z.strictObject({ ip: text }), z.strictObject({ name: z.literal('unknown') })]),
  })
  .superRefine((event, context) => {
    const required = REQUIRED_BY_CLASS[event.class_uid]
    const missing = required?.filter((name) => !Object.hasOwn(event, name)) ?? ['a known class_uid']
    for (const name of missing) context.addIssue({ code: 'custom', message: `${name} is missing` })
    const isConsistent =
      event.type_uid === event.class_uid * 100 + event.activity_id &&
      event.category_uid === Math.floor(event.class_uid / 1000) &&
      (event.errorCode === null) === (event.status_id === 1) &&
      Date.parse(event.eventTime) === event.time
    if (!isConsistent) context.addIssue({ code: 'custom', message: 'the members contradict each other' })
  })
