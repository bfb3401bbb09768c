import { createTransport } from 'nodemailer'
import { bareHost } from '../../core/config/settings.ts'
import { needsStartTls, type MailSettings } from '../config/notice-settings.ts'
import type { Notice } from './notice.ts'
import type { SendNotice } from './notices.ts'
import { htmlText, plainText, subjectOf } from './notice-text.ts'

const TIMEOUT_MS = 10_000
const SMTP_PORT = 587
const SMTPS_PORT = 465

/** Sends a notice to its user's e-mail address, with STARTTLS or TLS unless the server is on this computer. */
export function sendMail({ server, from }: MailSettings): SendNotice {
  const isTls = server.protocol === 'smtps:'
  const transport = createTransport({
    host: bareHost(server.hostname),
    port: server.port === '' ? (isTls ? SMTPS_PORT : SMTP_PORT) : Number(server.port),
    secure: isTls,
    requireTLS: needsStartTls(server),
    ...(server.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) } }),
    dnsTimeout: TIMEOUT_MS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async function send(notice: Notice): Promise<void> {
    await transport.sendMail({
      from,
      // An object: a string could name several addresses.
      to: { name: '', address: notice.session.person.email },
      subject: subjectOf(notice),
      text: plainText(notice),
      html: htmlText(notice),
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
  }
}
