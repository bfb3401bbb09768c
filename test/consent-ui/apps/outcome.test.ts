import assert from 'node:assert/strict'
import { downgradedNotice, revokedNotice } from '../../../consent-ui/apps/outcome.ts'

describe('The notice after a user revokes or downgrades a connection', () => {
  const names = ['Claude']
  const confirmed = { isAcknowledged: true, isReplicated: true, tookMs: 12 }

  it('gives the time only when every gateway and a copy of the session store confirmed the change', () => {
    for (const view of [revokedNotice, downgradedNotice]) {
      const noticeOf = (outcome: Parameters<typeof view>[0]): string => String(view(outcome).text)
      assert.match(noticeOf({ names, ...confirmed }), /In effect after 0\.02 seconds\.$/)
      assert.match(
        noticeOf({ names, ...confirmed, isAcknowledged: false }),
        /Not every gateway confirmed this/,
      )
      assert.ok(view({ names, ...confirmed }).isSuccess)
      assert.ok(!view({ names, ...confirmed, isAcknowledged: false }).isSuccess)
      assert.ok(!view({ names, ...confirmed, isReplicated: false }).isSuccess)
      const unreplicated = noticeOf({ names, ...confirmed, isReplicated: false })
      assert.match(
        unreplicated,
        /No copy of the session store confirmed this\. .* the access may come back: /,
      )
      const neither = noticeOf({ names, ...confirmed, isAcknowledged: false, isReplicated: false })
      for (const text of [unreplicated, neither]) assert.doesNotMatch(text, /In effect after/)
      assert.match(neither, /Not every gateway .* No copy of the session store/)
    }
  })
})
