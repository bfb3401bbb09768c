/** Header members that our tokens do not have, or spell differently. */
export const HEADER_MEMBERS = {
  alg: ['none', 'None', 'HS256', 'RS256', 'ES384', 'ES512', 'EdDSA', 'es256', 'ES256 ', 'ES256\0'],
  typ: [
    'JWT',
    'at+JWT',
    'AT+jwt',
    'application/at+jwt',
    'Application/AT+JWT',
    'text/at+jwt',
    'at+jwt ',
    'x/at+jwt/',
    '/at+jwt',
  ],
  kid: ['key-2', 'key-3', 'KEY-1', 'key-1 ', 'key-1\0', '__proto__', 'constructor', 'toString', '../key-1'],
  crit: [['b64'], ['exp'], ['b64', 'b64'], ['alg'], ['__proto__'], ['constructor']],
  b64: [false, true, 'false'],
  jwk: [{ kty: 'EC' }],
  jku: ['https://evil.example'],
  x5c: [['MII']],
  zip: ['DEF'],
  cty: ['JWT'],
  enc: ['A256GCM'],
}

/** Text that is not JSON or not an object, and the empty object. */
export const JSON_TEXTS = [
  '',
  '{',
  '{}',
  '[]',
  'null',
  '1',
  '"x"',
  'true',
  '{}{}',
  "{'a':1}",
  '{"a":1,}',
  'undefined',
  'NaN',
]
export const NOT_UTF8 = [
  Buffer.from([0xff]),
  Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"key-1","x":"\xff"}', 'latin1'),
  Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"key-1"}', 'utf16le'),
]
