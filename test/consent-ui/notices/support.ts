import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { closeAfterAll } from '../../support/close-after-all.ts'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly content: string
}

/** A real SMTP server; `refusals` counts the mails that it refuses first. */
export class MailReceiver {
  readonly mails: ReceivedMail[] = []
  refusals = 0
  readonly #server: SMTPServer

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        void text(stream).then((content) => {
          if (this.refusals-- > 0) {
            done(Object.assign(new Error('busy'), { responseCode: 451 }))
            return
          }
          this.mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), content })
          done()
        })
      },
    })
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
export function decoded({ content }: ReceivedMail): string {
  const bytes = content
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The links of a mail, in both of its parts. */
export function linksIn(mail: ReceivedMail): string[] {
  return [...new Set(decoded(mail).match(/https?:\/\/[^\s"<>]+/g) ?? [])]
}

export class WebhookReceiver {
  readonly texts: string[] = []
  status = 200

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const { text: received } = JSON.parse(body) as { text: string }
        if (this.status === 200) this.texts.push(received)
        response.writeHead(this.status).end('ok')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closeAfterAll(() => void server.close())
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`
  }
}
