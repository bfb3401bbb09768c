import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { keyList, keyRing, newSecret, subkey, type KeyListEntry } from '../../../core/keys/keys.ts'
import { operatorKey, ORIGIN, secretOf, testRing } from '../support/keys.ts'

const SAME = newSecret('sealing')

const good = (): KeyListEntry => ({ id: '2026-11', secret: newSecret('sealing'), use: 'sign' })

/** 43 characters hold two bits more than 32 bytes do. */
function respelled(): string {
  const bytes = Buffer.from(SAME.split('.')[1] ?? '', 'base64url')
  const text = bytes.toString('base64url')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const other = text.slice(0, -1) + (alphabet[alphabet.indexOf(text.at(-1) ?? '') + 1] ?? '')
  assert.deepEqual(Buffer.from(other, 'base64url'), bytes)
  const body = `connect-sealing.${other}`
  return `${body}.${createHash('sha256').update(body).digest('hex').slice(0, 8)}`
}

/** What an operator is told about this configuration. */
function problemsOf(configured: unknown): string[] {
  const text = typeof configured === 'string' ? configured : JSON.stringify(configured)
  return (
    keyList('sealing')
      .safeParse(text)
      .error?.issues.map(({ message }) => message) ?? []
  )
}

describe('A key list in configuration', () => {
  it('gives each key its id, its use and its 32 bytes', () => {
    const bytes = Buffer.from(newSecret('sealing').split('.')[1] ?? '', 'base64url')
    const entries = [good(), { id: 'old', secret: secretOf('sealing', bytes), use: 'accept' }]
    const keys = keyList('sealing').parse(JSON.stringify(entries))
    assert.deepEqual(
      keys.map(({ id, use }) => [id, use]),
      [
        ['2026-11', 'sign'],
        ['old', 'accept'],
      ],
    )
    assert.deepEqual(keys[1]?.secret, bytes)
  })

  it('accepts every secret that newSecret makes', () => {
    for (let count = 0; count < 500; count += 1) assert.deepEqual(problemsOf([good()]), [])
  })

  it('refuses a secret with any changed character', () => {
    const secret = newSecret('sealing')
    const place = fc.nat(secret.length - 1)
    const character = fc.constantFrom(...'a b c d e f X Y Z 0 1 8 9 - _ . = + /'.split(' '), ' ')
    fc.assert(
      fc.property(place, character, (at, other) => {
        fc.pre(secret[at] !== other)
        const changed = secret.slice(0, at) + other + secret.slice(at + 1)
        assert.equal(problemsOf([{ ...good(), secret: changed }]).length, 1)
      }),
      { numRuns: 500 },
    )
  })

  const wrongSecrets: Record<string, [secret: string, problem: RegExp]> = {
    'of the other kind': [newSecret('signing'), /is not a sealing key/],
    'that is a word': ['changeme', /is not a sealing key/],
    'that is cut short': [newSecret('sealing').slice(0, -1), /is mistyped/],
    'with a suffix': [`${newSecret('sealing')}.more`, /is mistyped/],
    'without a checksum': [newSecret('sealing').replace(/\.[^.]+$/, ''), /is mistyped/],
    'of 31 bytes': [secretOf('sealing', new Uint8Array(31)), /must hold 32 bytes/],
    'of 33 bytes': [secretOf('sealing', new Uint8Array(33)), /must hold 32 bytes/],
    'whose base64url is spelled another way': [respelled(), /must hold 32 bytes/],
    'of zeros': [secretOf('sealing', new Uint8Array(32)), /is weak/],
    'of few different bytes': [secretOf('sealing', Buffer.from('01020304'.repeat(8), 'hex')), /is weak/],
    'that counts': [
      secretOf(
        'sealing',
        Uint8Array.from({ length: 32 }, (_, index) => index),
      ),
      /is weak/,
    ],
    'that counts down': [
      secretOf(
        'sealing',
        Uint8Array.from({ length: 32 }, (_, i) => 250 - 3 * i),
      ),
      /is weak/,
    ],
    'of printable text': [secretOf('sealing', Buffer.from('Quilt-Connect: my secret key 42!')), /is weak/],
  }
  for (const [which, [secret, problem]] of Object.entries(wrongSecrets)) {
    it(`refuses a secret ${which}, and names only its position`, () => {
      const problems = problemsOf([good(), { id: 'other', secret, use: 'accept' }])
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', problem)
      assert.match(problems[0] ?? '', /^key 2 \(other\) /)
      assertKept(secret, problems)
    })
  }

  const wrongEntries: Record<string, [configured: unknown, problems: string[]]> = {
    'that is not JSON': ['[{', ['must be a JSON list of {"id","secret","use"}']],
    'that is not a list': [good(), ['must be a JSON list of {"id","secret","use"}']],
    'that is empty': [[], ['must have exactly one key whose use is sign']],
    'with two keys that sign': [
      [good(), { ...good(), id: 'b' }],
      ['must have exactly one key whose use is sign'],
    ],
    'without one that signs': [
      [{ ...good(), use: 'accept' }],
      ['must have exactly one key whose use is sign'],
    ],
    'with two keys with the same id': [
      [good(), { ...good(), use: 'accept' }],
      ['has two keys with the same id'],
    ],
    'with two keys with the same secret': [
      [
        { ...good(), secret: SAME },
        { id: 'b', secret: SAME, use: 'accept' },
      ],
      ['has two keys with the same secret'],
    ],
    'with malformed members, each by its position': [
      [good(), { id: 'NOT/an id', secret: 5, use: 'any' }, 'text', { ...good(), id: 'd', more: SAME }],
      [
        'key 2: id must be 1 to 16 of a-z, 0-9 and -',
        'key 2: secret must be text',
        'key 2: use must be sign, accept or registrations',
        'key 3 must be {"id","secret","use"} and nothing else',
        'key 4 must be {"id","secret","use"} and nothing else',
      ],
    ],
  }
  for (const [which, [configured, expected]] of Object.entries(wrongEntries)) {
    it(`refuses a list ${which}`, () => {
      const problems = problemsOf(configured)
      assert.deepEqual(problems, expected)
      assertKept(SAME, problems)
    })
  }

  it('names every wrong key, not only the first', () => {
    const wrong = ['connect-sealing.AAAA', newSecret('signing')]
    const problems = problemsOf(wrong.map((secret, index) => ({ ...good(), id: `k${index}`, secret })))
    assert.deepEqual(
      problems.map((problem) => /^key \d|^must/.exec(problem)?.[0]),
      ['key 1', 'key 2', 'must'],
    )
  })

  it('refuses a signing key whose use is registrations', () => {
    const signing = { id: 'a', secret: newSecret('signing'), use: 'sign' }
    const other = { id: 'b', secret: newSecret('signing'), use: 'registrations' }
    const { error } = keyList('signing').safeParse(JSON.stringify([signing, other]))
    assert.deepEqual(
      error?.issues.map(({ message }) => message),
      ['has a key whose use is registrations, which only sealing keys have; remove it'],
    )
  })
})

describe('A key ring', () => {
  it('signs with the key whose use is sign, in any position', () => {
    const keys = [operatorKey('old', 'accept'), operatorKey('new')]
    assert.equal(keyRing(ORIGIN, keys).current, keys[1])
  })

  it('needs a key whose use is sign', () => {
    assert.throws(() => keyRing(ORIGIN, [operatorKey('old', 'accept')]), TypeError)
  })
})

describe('A subkey', () => {
  const share = Buffer.alloc(32, 7)
  const ring = testRing()
  const key = ring.current
  const derivation = { purpose: 'session credential', share }

  it('is the same each time', () => {
    assert.deepEqual(subkey(ring, key, derivation), subkey(testRing(ORIGIN, [key]), key, derivation))
  })

  it('differs by purpose, key id, secret, host and share', () => {
    const subkeys = [
      subkey(ring, key, derivation),
      subkey(ring, key, { ...derivation, purpose: 'sign-in' }),
      subkey(ring, { ...key, id: '2026-12' }, derivation),
      subkey(ring, { ...key, secret: operatorKey('x').secret }, derivation),
      subkey({ ...ring, origin: 'https://connect.example.org' }, key, derivation),
      subkey({ ...ring, origin: 'http://connect.example.com' }, key, derivation),
      subkey(ring, key, { ...derivation, share: Buffer.alloc(32, 8) }),
      subkey(ring, key, { ...derivation, share: Buffer.concat([share, Buffer.alloc(1)]) }),
      subkey(ring, key, { purpose: derivation.purpose }),
    ]
    assert.equal(new Set(subkeys.map((each) => each.toString('hex'))).size, subkeys.length)
  })

  // HMAC takes the hash of a key longer than its block, and the hash of a code is its key in the store.
  it('cannot be derived from the hash of a long share', () => {
    const code = Buffer.from('c'.repeat(87))
    const hash = createHash('sha256').update(code).digest()
    const [real, guessed] = [code, hash].map((each) => subkey(ring, key, { ...derivation, share: each }))
    assert.notDeepEqual(guessed, real)
  })

  // A change of this makes every sealed value of every deployment unreadable.
  it('is HKDF-SHA-256 over secret and share, with version, purpose, key id and origin as info', () => {
    const hmac = (secret: Uint8Array, ...parts: (Uint8Array | string)[]): Buffer =>
      parts.reduce((mac, part) => mac.update(part), createHmac('sha256', secret)).digest()
    const extracted = hmac(new Uint8Array(32), key.secret, share)
    const info = `quilt-connect/v1/session credential/2026-11/${ORIGIN}`
    const first = hmac(extracted, info, Uint8Array.of(1))
    const second = hmac(extracted, first, info, Uint8Array.of(2))
    assert.deepEqual(subkey(ring, key, derivation), first)
    assert.deepEqual(
      subkey(ring, key, { ...derivation, bytes: 40 }),
      Buffer.concat([first, second.subarray(0, 8)]),
    )
  })
})

function assertKept(secret: string, problems: readonly string[]): void {
  const parts = secret.split('.').filter((part) => part.length > 12 && !part.startsWith('connect-'))
  for (const part of parts) assert.ok(!problems.join().includes(part), 'the secret is not repeated')
}
