import type { Notice } from './notice.ts'
import type { SendNotice } from './notices.ts'
import { plainText } from './notice-text.ts'

const TIMEOUT_MS = 10_000

/** Posts a notice to a Slack-compatible webhook. */
export function sendWebhook(url: URL): SendNotice {
  return async function send(notice: Notice): Promise<void> {
    const { email } = notice.session.person
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: escaped(`${email}\n${plainText(notice)}`) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw Object.assign(new Error('refused'), { responseCode: response.status })
  }
}

/** Slack's three control characters: a client's name must not become a mention or a link. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
