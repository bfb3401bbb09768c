import assert from 'node:assert/strict'
import { callerEntry, callerKeys, findCaller } from '../../../consent-ui/callers/caller-keys.ts'
import { newSecret } from '../../../core/keys/keys.ts'

const HASH = 'a'.repeat(64)

function problemsOf(text: string): readonly string[] {
  return callerKeys.safeParse(text).error?.issues.map(({ message }) => message) ?? []
}

describe('CONNECT_OPERATOR_KEYS', () => {
  it('names programs with one use each, and is empty by default', () => {
    assert.deepEqual(callerKeys.parse(undefined), [])
    assert.deepEqual(callerKeys.parse(`files:introspect:${HASH}, hr:end-user:${'b'.repeat(64)}`), [
      { name: 'files', use: 'introspect', sha256: HASH },
      { name: 'hr', use: 'end-user', sha256: 'b'.repeat(64) },
    ])
  })

  for (const entry of [
    `files:${HASH}`,
    `files:everything:${HASH}`,
    `Files:introspect:${HASH}`,
    `:introspect:${HASH}`,
    `files:introspect:${HASH.toUpperCase()}`,
    `files:introspect:${HASH.slice(1)}`,
    newSecret('operator'),
  ]) {
    it(`refuses "${entry.slice(0, 24)}…" and says how to make an entry, without repeating it`, () => {
      const [problem = '', ...others] = problemsOf(`ok:introspect:${'b'.repeat(64)},${entry}`)
      assert.match(problem, /^entry 2 must be name:use:sha256 .*npm run keys -- new operator/)
      assert.ok(!problem.includes(entry) && others.length === 0)
    })
  }

  it('refuses two entries with the same name or the same key', () => {
    assert.deepEqual(problemsOf(`a:introspect:${HASH},a:end-user:${'b'.repeat(64)}`), [
      'has two entries with the same name',
    ])
    assert.deepEqual(problemsOf(`a:introspect:${HASH},b:end-user:${HASH}`), [
      'has two entries with the same sha256',
    ])
  })

  it('M04: finds the program of a key for its own use only', () => {
    const [files, hr] = [newSecret('operator'), newSecret('operator')]
    const keys = callerKeys.parse(
      [callerEntry('files', 'introspect', files), callerEntry('hr', 'end-user', hr)].join(','),
    )
    assert.equal(findCaller(keys, 'introspect', files)?.name, 'files')
    assert.equal(findCaller(keys, 'end-user', hr)?.name, 'hr')
    assert.equal(findCaller(keys, 'end-user', files), undefined)
    assert.equal(findCaller(keys, 'introspect', newSecret('operator')), undefined)
  })

  it('accepts no key that npm run keys did not make, even with its hash', () => {
    for (const weak of ['', 'hunter2', newSecret('sealing'), `${newSecret('operator')}x`]) {
      const keys = callerKeys.parse(callerEntry('weak', 'introspect', weak))
      assert.equal(findCaller(keys, 'introspect', weak), undefined)
    }
  })
})
