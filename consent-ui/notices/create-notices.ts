import type { Config } from '../config/config.ts'
import { NoticeStore } from '../store/notice-store.ts'
import { Notices, type NoticesParts } from './notices.ts'
import { sendMail } from './send-mail.ts'
import { sendWebhook } from './send-webhook.ts'

type Parts = Pick<NoticesParts, 'redis' | 'audit' | 'log' | 'now' | 'retryAfterMs'>

/** Notices by the ways that the operator configured: none by default. */
export function createNotices(
  { origin, registryUrl, sealingKeys: ring, notices: { mail, webhook } }: Config,
  parts: Parts,
): Notices {
  return new Notices({
    ...parts,
    origin,
    registry: registryUrl.origin,
    ring,
    store: new NoticeStore(parts.redis, origin),
    ways: {
      ...(mail === undefined ? {} : { mail: sendMail(mail) }),
      ...(webhook === undefined ? {} : { webhook: sendWebhook(webhook) }),
    },
  })
}
