import assert from 'node:assert/strict'
import { codeResponse, errorResponse } from '../../../consent-ui/oauth/authorization-response.ts'
import { OAuthError } from '../../../consent-ui/oauth/errors.ts'

const ISSUER = 'https://connect.example'

describe('An authorization response', () => {
  it('has code, state and issuer', () => {
    const location = codeResponse({ redirectUri: 'http://localhost:1/cb', state: 'a+/= b' }, 'c.d', ISSUER)
    const { searchParams } = new URL(location)
    assert.deepEqual(Object.fromEntries(searchParams), { code: 'c.d', state: 'a+/= b', iss: ISSUER })
  })

  it('has no state if the request had none', () => {
    assert.equal(
      codeResponse({ redirectUri: 'http://localhost:1/cb' }, 'c', ISSUER),
      'http://localhost:1/cb?code=c&iss=https%3A%2F%2Fconnect.example',
    )
  })

  it('keeps the registered redirect URI byte for byte and adds to its query', () => {
    const redirectUri = 'quilt://auth/callback?host=demo.example.com'
    const location = errorResponse({ redirectUri, state: 's' }, new OAuthError('access_denied', 'no'), ISSUER)
    assert.ok(
      location.startsWith(`${redirectUri}&error=access_denied&error_description=no&state=s&iss=`),
      location,
    )
  })

  it('describes an error only in characters that RFC 6749 allows', () => {
    const error = new OAuthError('invalid_request', 'a "b" \\ ü\r\n\u202e')
    assert.equal(error.message, 'a ?b? ? ????')
  })
})
