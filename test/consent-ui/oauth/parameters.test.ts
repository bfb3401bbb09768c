import assert from 'node:assert/strict'
import { OAuthError } from '../../../consent-ui/oauth/errors.ts'
import { readParameters, required } from '../../../consent-ui/oauth/parameters.ts'

describe('OAuth parameters', () => {
  it('are decoded like a form', () => {
    const parameters = readParameters('a=b+c%20d&state=c3RhdGU%2B%2Fw%3D%3D&empty=&flag')
    assert.deepEqual(
      [...parameters],
      [
        ['a', 'b c d'],
        ['state', 'c3RhdGU+/w=='],
      ],
    )
  })

  for (const [text, name] of [
    ['client_id=a&client_id=b', 'client_id'],
    ['client_id=a&client_id=a', 'client_id'],
    ['state=a&x=y&state=b', 'state'],
    ['resource=a&resource=b', 'resource'],
    ['%63lient_id=a&client_id=b', 'client_id'],
  ] as const) {
    it(`are refused if one appears twice: ${text}`, () => {
      assert.throws(() => readParameters(text), {
        code: 'invalid_request',
        message: `${name} appears more than once`,
      })
    })
  }

  it('may have equal copies of resource, as Codex sends them', () => {
    assert.equal(readParameters('resource=a&resource=a&resource=a').get('resource'), 'a')
  })

  it('count as absent if empty, so an empty copy is not a second one', () => {
    assert.equal(readParameters('code=&code=x').get('code'), 'x')
  })

  it('with a long or odd name are cut and masked in the error', () => {
    const text = new URLSearchParams([
      ['"\n\u202e'.repeat(50), 'x'],
      ['"\n\u202e'.repeat(50), 'y'],
    ]).toString()
    assert.throws(
      () => readParameters(text),
      (error) => error instanceof OAuthError && /^[?]{40} appears more than once$/.test(error.message),
    )
  })

  it('with brackets in their names are not read as an array', () => {
    assert.equal(readParameters('code[]=x&code[0]=y&__proto__=z').get('code'), undefined)
  })

  it('that are required are named in the error if missing', () => {
    assert.equal(required(readParameters('code=x'), 'code'), 'x')
    assert.throws(() => required(readParameters('code='), 'code'), {
      code: 'invalid_request',
      message: 'code is required',
      status: 400,
    })
  })
})
