import assert from 'node:assert/strict'
import { narrowedNews, revokedNews } from '../../../consent-ui/apps/news.ts'

describe('What a person reads after they ended or narrowed a connection', () => {
  const names = ['Claude']
  const confirmed = { isAcknowledged: true, isReplicated: true, tookMs: 12 }

  it('is how long it took, only where every gateway and a copy of the store have confirmed it', () => {
    for (const view of [revokedNews, narrowedNews]) {
      const news = (outcome: Parameters<typeof view>[0]): string => String(view(outcome))
      assert.match(news({ names, ...confirmed }), /It took 0\.02 seconds\.$/)
      assert.match(news({ names, ...confirmed, isAcknowledged: false }), /Not every gateway has confirmed it/)
      const unreplicated = news({ names, ...confirmed, isReplicated: false })
      assert.match(unreplicated, /No copy of the store has confirmed it: .* access may come back\./)
      const neither = news({ names, ...confirmed, isAcknowledged: false, isReplicated: false })
      for (const text of [unreplicated, neither]) assert.doesNotMatch(text, /It took/)
      assert.match(neither, /Not every gateway .* No copy of the store/)
    }
  })
})
