import assert from 'node:assert/strict'
import type { SMTPServerOptions } from 'smtp-server'
import type { Notice } from '../../../consent-ui/notices/notice.ts'
import { sendMail } from '../../../consent-ui/notices/send-mail.ts'
import { distrustTestServer, TEST_SERVER, trustTestServer } from '../../support/tls/test-server.ts'
import { MailReceiver, PASSWORD } from './support.ts'

const LOGIN = `quilt:${encodeURIComponent(PASSWORD)}@`
const MAPPED_LOOPBACK = '[::ffff:127.0.0.1]'
const ENCRYPTED = [
  ['TLS from the start', 'smtps:', { secure: true, ...TEST_SERVER }],
  ['STARTTLS', 'smtp:', TEST_SERVER],
] as const

describe('The mail of a notice', () => {
  beforeEach(trustTestServer)
  afterEach(distrustTestServer)

  async function serverWith(options: SMTPServerOptions) {
    const receiver = new MailReceiver(options)
    const { port } = new URL(await receiver.start())
    const send = async (
      protocol: string,
      { login = '', host = 'localhost', to = 'ada@example.com' } = {},
    ) => {
      const server = new URL(`${protocol}//${login}${host}:${port}`)
      await sendMail({ server, from: 'quilt@example.com' })(noticeTo(to))
    }
    return { receiver, send }
  }

  for (const [what, protocol, options] of ENCRYPTED) {
    it(`is encrypted by ${what}, and logs in after that`, async () => {
      const { receiver, send } = await serverWith({ ...options, authOptional: false })
      await send(protocol, { login: LOGIN })
      assert.deepEqual(receiver.logins, [`quilt:${PASSWORD}`])
      assert.deepEqual(
        receiver.mails.map(({ to, isEncrypted }) => ({ to, isEncrypted })),
        [{ to: ['ada@example.com'], isEncrypted: true }],
      )
    })

    it(`N06: goes to no server whose certificate is not trusted, and neither does the login, with ${what}`, async () => {
      const { receiver, send } = await serverWith(options)
      distrustTestServer()
      await assert.rejects(send(protocol, { login: LOGIN }), { code: 'ESOCKET' })
      assert.deepEqual([receiver.logins, receiver.mails], [[], []])
    })

    it(`N06: goes to no server whose certificate names another host, with ${what}`, async () => {
      const { receiver, send } = await serverWith(options)
      await assert.rejects(send(protocol, { login: LOGIN, host: MAPPED_LOOPBACK }), /altnames/)
      assert.deepEqual([receiver.logins, receiver.mails], [[], []])
    })
  }

  it('N06: goes to no other computer without encryption, and neither does the login', async () => {
    const { receiver, send } = await serverWith({ disabledCommands: ['STARTTLS'] })
    await assert.rejects(send('smtp:', { login: LOGIN, host: MAPPED_LOOPBACK }), { code: 'ETLS' })
    assert.deepEqual([receiver.logins, receiver.mails], [[], []])
    await send('smtp:', { login: LOGIN })
    assert.equal(receiver.mails.length, 1, 'on this computer')
  })

  it('fails with a wrong password', async () => {
    const { receiver, send } = await serverWith({ ...TEST_SERVER, authOptional: false })
    await assert.rejects(send('smtp:', { login: 'quilt:wrong@' }), { code: 'EAUTH', responseCode: 535 })
    assert.deepEqual(receiver.mails, [])
  })

  for (const to of ['ada@example.com, evil@example.com', 'ada@example.com>\r\nRCPT TO:<evil@example.com']) {
    it(`N05: has one recipient, whatever the Registry says: ${JSON.stringify(to)}`, async () => {
      const { receiver, send } = await serverWith({ disabledCommands: ['STARTTLS'] })
      await assert.rejects(send('smtp:', { to }), { code: 'EENVELOPE' })
      assert.deepEqual(receiver.mails, [])
    })
  }
})

function noticeTo(email: string): Notice {
  const session = {
    id: 'x'.repeat(43),
    person: { name: 'ada', email },
    clientId: 'client',
    clientName: 'Claude Code',
    resource: 'https://connect.example/mcp/platform',
    scope: 'platform',
    access: 'read',
    createdAt: 0,
    expiresAt: 1,
    sealedCredential: '',
  } as const
  return {
    reason: 'first_approval',
    session,
    device: '',
    network: '',
    at: 0,
    link: 'https://connect.example/x',
  }
}
