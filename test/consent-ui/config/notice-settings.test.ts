import assert from 'node:assert/strict'
import { readNoticeSettings } from '../../../consent-ui/config/notice-settings.ts'

const BOTH = { NOTICE_SMTP_URL: 'smtps://u:p@smtp.example.com', NOTICE_FROM: 'quilt@example.com' }

describe('The settings of notices', () => {
  it('are off by default', () => {
    assert.deepEqual(readNoticeSettings({}), { mail: undefined, webhook: undefined })
  })

  it('need the sender’s address with a mail server, and the other way round', () => {
    for (const [given, missing] of [
      ['NOTICE_SMTP_URL', 'NOTICE_FROM'],
      ['NOTICE_FROM', 'NOTICE_SMTP_URL'],
    ] as const) {
      assert.throws(() => readNoticeSettings({ [given]: BOTH[given] }), new RegExp(`${missing} is required`))
    }
  })

  for (const [what, changed] of [
    [
      'a mail server that is a website',
      { ...BOTH, NOTICE_SMTP_URL: 'https://user:hunter2@smtp.example.com' },
    ],
    ['a sender that is no address', { ...BOTH, NOTICE_FROM: 'Quilt' }],
    ['a webhook without TLS', { NOTICE_WEBHOOK_URL: 'http://hooks.example.com/hunter2' }],
  ] as const) {
    it(`N04: do not accept ${what}, and the problem does not show the value`, () => {
      assert.throws(
        () => readNoticeSettings(changed),
        ({ message }: Error) => /NOTICE_\w+ /.test(message) && !message.includes('hunter2'),
      )
    })
  }
})
