import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Settings } from '../support/settings.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly content: string
  readonly isEncrypted: boolean
}

/** With what a URL must escape. */
export const PASSWORD = 'p@ss/wörd'

/** For a server on this machine. */
const WITHOUT_TLS: SMTPServerOptions = { disabledCommands: ['STARTTLS'] }

/** A real SMTP server; `refusals` counts the mails that it refuses first. */
export class MailReceiver {
  readonly mails: ReceivedMail[] = []
  /** Who logged in, or tried to. */
  readonly logins: string[] = []
  refusals = 0
  readonly #server: SMTPServer

  constructor(options: SMTPServerOptions = WITHOUT_TLS) {
    this.#server = new SMTPServer({
      authOptional: true,
      ...options,
      onAuth: ({ username = '', password = '' }, _session, done) => {
        this.logins.push(`${username}:${password}`)
        if (password === PASSWORD) done(null, { user: username })
        else done(new Error('wrong password'))
      },
      onData: (stream, session, done) => {
        void text(stream).then((content) => {
          if (this.refusals-- > 0) {
            done(Object.assign(new Error('busy'), { responseCode: 451 }))
            return
          }
          const to = session.envelope.rcptTo.map(({ address }) => address)
          this.mails.push({ to, content, isEncrypted: session.secure })
          done()
        })
      },
    })
    // A client that refuses the certificate.
    this.#server.on('error', () => undefined)
  }

  /** @returns its URL */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    closeAfterAll(() => new Promise<void>((resolve) => this.#server.close(resolve)))
    const address = this.#server.server.address()
    return `smtp://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }
}

/** Decodes quoted-printable, the encoding of both parts. */
export function decoded({ content }: Pick<ReceivedMail, 'content'>): string {
  const bytes = content
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The links of a mail, in both of its parts. */
export function linksIn(mail: Pick<ReceivedMail, 'content'>): string[] {
  return [...new Set(decoded(mail).match(/https?:\/\/[^\s"<>]+/g) ?? [])]
}

export class WebhookReceiver {
  readonly texts: string[] = []
  readonly paths: string[] = []
  status = 200
  /** Answers wait for it. */
  isReady: Promise<void> = Promise.resolve()

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        this.paths.push(request.url ?? '')
        await this.isReady
        const { text: received } = JSON.parse(body) as { text: string }
        if (this.status === 200) this.texts.push(received)
        response.writeHead(this.status, { location: '/elsewhere' }).end('ok')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closeAfterAll(() => void server.close())
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`
  }
}

/** @returns the settings of notices that go to both */
export async function startBoth(mail: MailReceiver, webhook: WebhookReceiver): Promise<Settings> {
  return {
    NOTICE_SMTP_URL: await mail.start(),
    NOTICE_FROM: 'quilt@example.com',
    NOTICE_WEBHOOK_URL: await webhook.start(),
  }
}
