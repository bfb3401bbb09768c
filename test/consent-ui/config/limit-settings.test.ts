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
  it('limits everything when it says nothing', () => {
    const { limits, exempt } = readLimitSettings({})
    assert.deepEqual(limits.register, { points: 60, seconds: 60 })
    assert.ok(Object.values(limits).every((limit) => limit !== undefined))
    assert.deepEqual(
      exempt.map(({ text }) => text),
      ['160.79.104.0/21'],
    )
  })

  it('can change each, and turn each off', () => {
    assert.deepEqual(readLimitSettings({ RATE_LIMIT_REGISTER: '5/3600' }).limits.register, {
      points: 5,
      seconds: 3600,
    })
    const { limits } = readLimitSettings(NO_RATE_LIMITS)
    assert.ok(Object.values(limits).every((limit) => limit === undefined))
  })

  it('can exempt nobody, or others', () => {
    assert.deepEqual(readLimitSettings({ RATE_LIMIT_EXEMPT: 'none' }).exempt, [])
    const { exempt } = readLimitSettings({ RATE_LIMIT_EXEMPT: '192.0.2.0/24, 2001:db8::/32' })
    assert.equal(exempt.length, 2)
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

  for (const wrong of ['0.0.0.0/0', '::/0', '192.0.2.0', '192.0.2.0/33', 'everybody']) {
    it(`exempts no ${wrong}`, () => {
      assert.match(problemsOf({ RATE_LIMIT_EXEMPT: wrong }).join(), /^RATE_LIMIT_EXEMPT /)
    })
  }
})
