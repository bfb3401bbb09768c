import assert from 'node:assert/strict'
import { RULES } from './expressions.ts'

describe('deploy/observe/alerts.yaml', () => {
  it('names each alert once, with severity, summary and what to do', () => {
    assert.equal(new Set(RULES.map(({ alert }) => alert)).size, RULES.length)
    for (const { alert, labels, annotations, for: duration = '0s' } of RULES) {
      assert.match(labels.severity, /^(page|ticket)$/, alert)
      assert.ok(annotations.summary.length > 0 && annotations.action.length > 0, alert)
      assert.match(duration, /^\d+[smh]$/, alert)
    }
  })
})
