import assert from 'node:assert/strict'
import { readLimitSettings } from '../../../consent-ui/config/limit-settings.ts'
import { ConfigurationError } from '../../../core/config/environment.ts'
import { NO_RATE_LIMITS } from '../support/settings.ts'

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readLimitSettings(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The configuration of rate limits', () => {
  it('limits everything by default', () => {
    const limits = readLimitSettings({})
    assert.deepEqual(limits.register, { points: 60, seconds: 60 })
    assert.ok(Object.values(limits).every((limit) => limit !== undefined))
  })

  it('can change each limit and switch each off', () => {
    assert.deepEqual(readLimitSettings({ RATE_LIMIT_REGISTER: '5/3600' }).register, {
      points: 5,
      seconds: 3600,
    })
    const limits = readLimitSettings(NO_RATE_LIMITS)
    assert.ok(Object.values(limits).every((limit) => limit === undefined))
  })

  for (const wrong of [
    '',
    '0',
    '60',
    '0/60',
    '60/0',
    '-1/60',
    '60/60/60',
    '1.5/60',
    '1e3/60',
    'OFF',
    '9999999/1',
  ]) {
    it(`refuses ${wrong === '' ? 'white space' : wrong}, and names the variable`, () => {
      const problems = problemsOf({ RATE_LIMIT_REGISTER: wrong === '' ? ' ' : wrong })
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', /^RATE_LIMIT_REGISTER must be <number>\/<seconds>/)
    })
  }
})
