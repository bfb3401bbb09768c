import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { isLoopback, secureUrl } from '../../core/config/settings.ts'

/** Where notices to users go; neither is set when notices are off. */
export interface NoticeSettings {
  readonly mail: MailSettings | undefined
  /** Slack-compatible: it takes `{"text"}`. */
  readonly webhook: URL | undefined
}

export interface MailSettings {
  readonly server: URL
  readonly from: string
}

const smtpUrl = z.string().transform((text, context): URL => {
  const url = URL.parse(text)
  if (url !== null && (url.protocol === 'smtps:' || url.protocol === 'smtp:') && url.hostname !== '')
    return url
  context.addIssue({
    code: 'custom',
    message: 'must be a URL such as smtps://user:password@smtp.example.com',
  })
  return z.NEVER
})

const schema = z
  .object({
    NOTICE_SMTP_URL: smtpUrl.optional(),
    NOTICE_FROM: z.email({ message: 'must be an e-mail address' }).optional(),
    NOTICE_WEBHOOK_URL: secureUrl.optional(),
  })
  .superRefine((env, context) => {
    if ((env.NOTICE_SMTP_URL === undefined) === (env.NOTICE_FROM === undefined)) return
    const isMissing = env.NOTICE_FROM === undefined
    const path = isMissing ? 'NOTICE_FROM' : 'NOTICE_SMTP_URL'
    const other = isMissing ? 'NOTICE_SMTP_URL' : 'NOTICE_FROM'
    const message = `is required with ${other}; set both or neither`
    context.addIssue({ code: 'custom', path: [path], message })
  })

/** @throws ConfigurationError that lists every problem */
export function readNoticeSettings(environment: Environment): NoticeSettings {
  const env = readEnvironment(schema, environment)
  const { NOTICE_SMTP_URL: server, NOTICE_FROM: from, NOTICE_WEBHOOK_URL: webhook } = env
  return { mail: server === undefined || from === undefined ? undefined : { server, from }, webhook }
}

/** STARTTLS is required unless the server is on this computer. */
export function needsStartTls({ protocol, hostname }: URL): boolean {
  return protocol === 'smtp:' && !isLoopback(hostname)
}
