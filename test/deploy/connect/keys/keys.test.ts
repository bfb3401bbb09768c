import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeys } from '../../../../authz/tokens/public-keys.ts'
import { callerKeys, findCaller } from '../../../../consent-ui/callers/caller-keys.ts'
import { publicKeySet } from '../../../../consent-ui/keys/signing-keys.ts'
import type { Environment } from '../../../../core/config/environment.ts'
import { keyList as keyListSchema, keyRing, type KeyListEntry } from '../../../../core/keys/keys.ts'
import { runCommand, type Written } from '../../../../deploy/connect/run-command.ts'
import { json } from '../../../consent-ui/support/answer.ts'
import { startConnect } from '../../../consent-ui/support/connect.ts'
import { tokensFor } from '../../../consent-ui/support/person.ts'
import { keyList, newKey } from '../../../consent-ui/support/settings.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { connectProcess } from '../support/connect-process.ts'
import { startValkey } from '../../../support/store/valkey.ts'
import { startValkeyCluster } from '../../../support/store/valkey-cluster.ts'

const runKeys = (words: readonly string[], environment: Environment = {}): Promise<Written> =>
  runCommand(['keys', ...words], environment)

describe('npm run keys', () => {
  for (const kind of ['signing', 'sealing'] as const) {
    it(`prints a new ${kind} key that a list accepts, with the use "accept"`, async () => {
      const { status, stdout } = await runKeys(['new', kind])
      assert.equal(status, 0)
      const entry = JSON.parse(stdout) as KeyListEntry
      assert.equal(entry.use, 'accept')
      const keys = keyListSchema(kind).parse(keyList(newKey(kind, 'before'), entry))
      assert.equal(keys.length, 2)
    })
  }

  it('prints the first key of a list with the use "sign"', async () => {
    const entry = JSON.parse((await runKeys(['new', 'sealing', 'sign'])).stdout) as KeyListEntry
    assert.equal(keyListSchema('sealing').parse(keyList(entry))[0]?.use, 'sign')
  })

  it('prints the key of a program, and its entry of CONNECT_OPERATOR_KEYS', async () => {
    const { status, stdout } = await runKeys(['new', 'operator', 'hr', 'end-user'])
    assert.equal(status, 0)
    const { key, entry } = JSON.parse(stdout) as { key: string; entry: string }
    assert.equal(findCaller(callerKeys.parse(entry), 'end-user', key)?.name, 'hr')
  })

  for (const args of [['operator'], ['operator', 'HR', 'end-user'], ['operator', 'hr', 'all']]) {
    it(`refuses "new ${args.join(' ')}"`, async () => {
      assert.notEqual((await runKeys(['new', ...args])).status, 0)
    })
  }

  it('prints another key with another id each time', async () => {
    const [one, other] = await Promise.all([runKeys(['new', 'sealing']), runKeys(['new', 'sealing'])])
    const [first, second] = [one, other].map(({ stdout }) => JSON.parse(stdout) as KeyListEntry)
    assert.notEqual(first?.id, second?.id)
    assert.notEqual(first?.secret, second?.secret)
  })

  it('prints the public keys that consent-ui serves and authz reads, and no private key', async () => {
    const accepted = { ...newKey('signing', 'before'), use: 'accept' } as const
    const list = keyList(newKey('signing', 'now'), accepted)
    const connect = await startConnect({ settings: { CONNECT_SIGNING_KEYS: list } })
    const environment = { CONNECT_ORIGIN: connect.origin, CONNECT_SIGNING_KEYS: list }
    const { status, stdout } = await runKeys(['public'], environment)
    assert.equal(status, 0)
    assert.deepEqual(JSON.parse(stdout), json(await connect.get('/auth/.well-known/jwks.json')))
    assert.deepEqual(
      publicKeys.parse(stdout).keys.map(({ kid }) => kid),
      ['now', 'before'],
    )
    assert.doesNotMatch(stdout, /"d"|connect-signing/)
  })

  describe('-- bundle', () => {
    const CONNECT_ORIGIN = 'https://connect.example'

    it('prints new lists as one secret, and the public keys apart from it', async () => {
      const { status, stdout, stderr } = await runKeys(['bundle'], { CONNECT_ORIGIN })
      assert.equal(status, 0, stderr)
      const { signing, sealing, audit } = JSON.parse(stdout) as Record<string, string>
      assert.ok(signing !== undefined)
      for (const [kind, list] of [
        ['signing', signing],
        ['sealing', sealing],
        ['audit', audit],
      ] as const)
        assert.equal(keyListSchema(kind).parse(list)[0]?.use, 'sign')
      const [, shown = ''] = stderr.split('\n')
      const ring = keyRing(CONNECT_ORIGIN, keyListSchema('signing').parse(signing))
      assert.deepEqual(publicKeys.parse(shown).keys, publicKeySet(ring).keys)
      assert.doesNotMatch(stderr, /"d"|connect-[sa]/)
    })

    it('joins the lists of two files', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'connect-bundle-'))
      closeAfterAll(() => rm(folder, { recursive: true }))
      const lists = { signing: [newKey('signing', 'a')], sealing: [newKey('sealing', 'b')] }
      const files = { signing: join(folder, 'signing.json'), sealing: join(folder, 'sealing.json') }
      for (const kind of ['signing', 'sealing'] as const)
        await writeFile(files[kind], `${JSON.stringify(lists[kind], null, 2)}\n`)
      const { status, stdout, stderr } = await runKeys(['bundle'], {
        CONNECT_ORIGIN,
        CONNECT_SIGNING_KEYS_FILE: files.signing,
        CONNECT_SEALING_KEYS_FILE: files.sealing,
      })
      assert.equal(status, 0, stderr)
      const expected = { signing: JSON.stringify(lists.signing), sealing: JSON.stringify(lists.sealing) }
      assert.deepEqual(JSON.parse(stdout), expected)
    })

    it('makes no new list where only one is missing, and prints no key of a wrong one', async () => {
      const alone = { CONNECT_ORIGIN, CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'a')) }
      const missing = await runKeys(['bundle'], alone)
      assert.deepEqual([missing.status, missing.stdout], [2, ''])
      assert.match(missing.stderr, /CONNECT_SEALING_KEYS is required/)
      const swapped = { ...alone, CONNECT_SEALING_KEYS: alone.CONNECT_SIGNING_KEYS }
      const wrong = await runKeys(['bundle'], swapped)
      assert.deepEqual([wrong.status, wrong.stdout], [2, ''])
      assert.ok(!wrong.stderr.includes(alone.CONNECT_SIGNING_KEYS.split('.')[1] ?? ''))
    })
  })

  it('names every missing variable, and exits with status 2', async () => {
    const { status, stdout, stderr } = await runKeys(['status'])
    assert.equal(status, 2)
    assert.equal(stdout, '')
    const needed = ['CONNECT_ORIGIN', 'CONNECT_SEALING_KEYS', 'CONNECT_SIGNING_KEYS', 'REDIS_URL']
    for (const name of needed) assert.match(stderr, new RegExp(`${name} is required`))
  })

  it('prints no counts when Redis does not answer', async () => {
    const { status, stdout, stderr } = await runKeys(['status'], {
      CONNECT_ORIGIN: 'https://connect.example',
      CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'a')),
      CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'a')),
      REDIS_URL: 'unix:/nowhere/store.sock',
    })
    assert.equal(status, 1)
    assert.equal(stderr, '')
    assert.match(stdout, /^key status unavailable: /)
    assert.doesNotMatch(stdout, /connect-sealing|connect-signing/)
  })

  for (const words of [
    [],
    ['old'],
    ['new'],
    ['status', 'all'],
    ['bundle', 'all'],
    ['new', 'both'],
    ['new', 'sealing', 'registrations'],
  ]) {
    it(`prints its usage for "${words.join(' ')}"`, async () => {
      const { status, stdout, stderr } = await runKeys(words)
      assert.equal(status, 2)
      assert.equal(stdout, '')
      assert.match(stderr, /\bkeys [a-z]/)
    })
  }
})

describe('npm run keys -- status', () => {
  it('counts the keys of a Redis cluster', async () => {
    const { settings } = await startValkeyCluster()
    const { status, stdout, stderr } = await connectProcess(['keys', 'status'], {
      CONNECT_ORIGIN: 'https://connect.example',
      CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'now'), {
        ...newKey('sealing', 'before'),
        use: 'accept',
      }),
      CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'now'), {
        ...newKey('signing', 'before'),
        use: 'accept',
      }),
      REDIS_URL: settings.urls.join(','),
      REDIS_MODE: 'cluster',
    })
    assert.equal(status, 0, stderr)
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/))
    assert.deepEqual(rows, [
      ['sealing key', 'use', 'sessions', 'refresh tokens', 'registrations', 'links', 'in progress'],
      ['now', 'sign', '0', '0', '0', '0', '0', 'keep: it seals new data'],
      ['before', 'accept', '0', '0', '0', '0', '0', 'may be lowered to "registrations"'],
      [''],
      ['signing key', 'use'],
      ['now', 'sign', 'keep: it signs new tokens'],
      ['before', 'accept', 'may be dropped'],
      [''],
      [''],
    ])
  })

  it('counts the sessions of a key that was dropped too early', async () => {
    const valkey = await startValkey()
    const connect = await startConnect({ valkey })
    await tokensFor(connect, await connect.client())
    const { status, stdout, stderr } = await runKeys(['status'], {
      CONNECT_ORIGIN: connect.origin,
      CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'another')),
      CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'another')),
      REDIS_URL: valkey.url,
    })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^1 live session\(s\) use the sealing key key-1, which is not in the list/m)
  })
})
