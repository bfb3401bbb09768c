import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { REFUSALS } from '../../../authz/envoy/refusals.ts'
import { UsageError } from '../../../deploy/connect/command.ts'
import { causeOf } from '../../../deploy/connect/why/cause.ts'
import { why } from '../../../deploy/connect/why/why.ts'
import { OAUTH_ERRORS, SIGN_IN_REFUSALS } from '../../../deploy/connect/why/words/consent-ui-errors.ts'
import { DENIALS } from '../../../deploy/connect/why/words/denials.ts'
import { FAILURES } from '../../../deploy/connect/why/words/failures.ts'

const ID = '1-67891233-abcdef012345678912345678'
const ENVOY_ID = 'c9a1b2c3-0000-4000-8000-000000000001'
const ACCESS = {
  time: '2026-11-30T12:00:00.000Z',
  service: 'envoy',
  request: ID,
  x_request_id: ENVOY_ID,
  method: 'POST',
  path: '/mcp/platform/mcp',
  status: 401,
  flags: 'UAEX',
  details: 'ext_authz_denied',
  milliseconds: 3,
  to_service: 'platform',
  decision: 'deny',
  reason: 'session_expired',
  authz_microseconds: '812',
}
const DENIED = {
  level: 'info',
  time: '2026-11-30T12:00:00.000Z',
  service: 'authz',
  request: ID,
  decision: 'deny',
  to_service: 'platform',
  subject: 'ada',
  client: 'client-1',
  access: 'full',
  tokenKey: '2026-11-01-ab12',
  sessionFrom: 'memory',
  sessionOpenedAt: '2026-10-31T12:00:00.000Z',
  sessionExpiresAt: '2026-11-30T11:00:00.000Z',
  milliseconds: 0.4,
  reason: 'session_expired',
  message: 'request denied',
}
const LINES = [ACCESS, DENIED].map((line) => JSON.stringify(line))

/** The same two lines, as tools write them. */
const FORMS: Readonly<Record<string, string | Uint8Array>> = {
  'lines as the containers write them': LINES.join('\n'),
  'lines of npm start': LINES.map((line) => `authz             | ${line}`).join('\n'),
  'lines behind a time (aws logs tail, S3)': LINES.map((line) => `2026-11-30T12:00:00Z ${line}`).join('\n'),
  'aws logs filter-log-events': JSON.stringify({ events: LINES.map((message) => ({ message })) }, null, 4),
  'aws logs filter-log-events in one line': JSON.stringify({ events: LINES.map((message) => ({ message })) }),
  'aws logs get-query-results': JSON.stringify(
    { results: LINES.map((value) => [{ field: '@message', value }]) },
    null,
    4,
  ),
  'results of Logs Insights': JSON.stringify(LINES.map((line) => ({ '@message': line }))),
  gzip: gzipSync(LINES.join('\n')),
  'gzip of a subscription': gzipSync(JSON.stringify({ logEvents: LINES.map((message) => ({ message })) })),
}

describe('npm run connect -- why', () => {
  let folder: string
  let file: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-why-'))
    file = join(folder, 'log')
  })
  after(async () => await rm(folder, { recursive: true }))

  async function explained(content: string | Uint8Array, id = ID, ...more: string[]) {
    await writeFile(file, content)
    return await why.run([id, '--logs', file, ...more], {})
  }

  for (const [form, content] of Object.entries(FORMS)) {
    it(`reads ${form}`, async () => {
      const { text, exitCode } = await explained(content, ID, '--json')
      assert.equal(exitCode, 0)
      const { status, reason, tokenKey } = JSON.parse(text) as Record<string, unknown>
      assert.deepEqual([status, reason, tokenKey], [401, 'session_expired', '2026-11-01-ab12'])
    })
  }

  it('prints stage, reason, session, key, latencies, flags and the fix', async () => {
    const { text } = await explained(LINES.join('\n'))
    assert.equal(
      text,
      [
        `${ID} (${ENVOY_ID})  POST /mcp/platform/mcp to platform, 2026-11-30T12:00:00.000Z`,
        '  verdict   refused with 401, stage authenticate',
        '  why       the session has reached its end (session_expired)',
        '  told      "The access token has expired" (WWW-Authenticate); the client refreshes, or sends its user to sign in',
        '  fix       the user connects the application again',
        '  user      ada, access full',
        '  client    client-1',
        '  token     names the signing key 2026-11-01-ab12',
        "  session   opened 30 days before, over since 60 minutes, read from authz's memory",
        "  time      3 ms in all, 0.812 ms authenticate, 0.4 ms in authz's own time",
        '  Envoy     UAEX: authz refused the request, or did not answer',
        '  log       2026-11-30T12:00:00.000Z authz info: request denied (session_expired)',
      ].join('\n'),
    )
  })

  for (const id of [ENVOY_ID, ENVOY_ID.slice(0, 8), ID.slice(0, 12), `Root=${ID}`]) {
    it(`finds the request by ${id}`, async () => {
      const { text, exitCode } = await explained(LINES.join('\n'), id)
      assert.equal(exitCode, 0)
      assert.match(text, /user {6}ada/)
    })
  }

  it('lists the requests of one trace id, which a client may send twice, and exits with 1', async () => {
    const other = ENVOY_ID.replace(/1$/, '2')
    const twice = [...LINES, JSON.stringify({ ...ACCESS, x_request_id: other })].join('\n')
    const { text, exitCode } = await explained(twice)
    assert.equal(exitCode, 1)
    assert.match(text, /^2 requests; give one of these ids:\n/)
    assert.ok(text.includes(ENVOY_ID) && text.includes(other))
    assert.equal((await explained(twice, other)).exitCode, 0)
  })

  it('says what it searched if no line names the request, and exits with 1', async () => {
    const { text, exitCode } = await explained(LINES.join('\n'), 'ffffffff')
    assert.equal(exitCode, 1)
    assert.equal(text, `no line names the request ffffffff; searched: ${file}`)
  })

  it("explains from authz's line alone, and says that the access log is missing", async () => {
    const { text } = await explained(LINES[1] ?? '')
    assert.match(text, /the session has reached its end/)
    assert.match(text, /note +no line of Envoy's access log/)
  })

  it('shows problems of that time with a failure, and no others', async () => {
    const problem = (time: string, message: string) =>
      JSON.stringify({ level: 'warn', time, service: 'authz', message })
    const failed = { ...DENIED, decision: 'error', reason: 'store_unavailable' }
    const { text } = await explained(
      [
        problem('2026-11-30T11:50:00.000Z', 'too early'),
        problem('2026-11-30T11:59:50.000Z', 'redis: subscription lost'),
        problem('2026-11-30T12:01:00.000Z', 'too late'),
        JSON.stringify(failed),
      ].join('\n'),
    )
    assert.match(text, /then +\S+ authz warn: redis: subscription lost/)
    assert.doesNotMatch(text, /too early|too late/)
  })

  it('names the cause of a page: a blocked client, or a cancelled sign-in', async () => {
    const line = (fields: object) =>
      JSON.stringify({ time: ACCESS.time, service: 'consent-ui', request: ID, ...fields })
    const refused = line({ message: 'request refused', error: 'invalid_request', description: 'Blocked' })
    const causes = {
      client_blocked: line({ message: 'client refused: blocked', fingerprint: '0123456789abcdef' }),
      sign_in_access_denied: line({
        message: 'identity provider: sign-in refused',
        refusal: 'access_denied',
      }),
    }
    for (const [reason, cause] of Object.entries(causes)) {
      const { text } = await explained([cause, refused].join('\n'), ID, '--json')
      const found = JSON.parse(text) as Record<string, unknown>
      assert.deepEqual([found.stage, found.reason, found.told], ['consent-ui', reason, '"Blocked"'])
      assert.match(found.meaning as string, /blocked|cancelled/)
    }
  })

  for (const args of [[], ['abc'], ['a b c d e f'], [ID, '--logs', '/nowhere'], [ID, '--colour']]) {
    it(`is a usage error: ${args.join(' ')}`, async () => {
      await assert.rejects(async () => await why.run(args, {}), UsageError)
    })
  }
})

/** tsc refuses a table that lacks a reason of authz or consent-ui. */
describe('The words for reasons', () => {
  const tables = { DENIALS, FAILURES, OAUTH_ERRORS, SIGN_IN_REFUSALS }

  for (const [name, table] of Object.entries(tables)) {
    it(`say in ${name} what each means and what to do`, () => {
      for (const [reason, { meaning, fix }] of Object.entries(table)) {
        for (const text of [meaning, fix]) assert.match(text, /^(?!.*\.$)\S.{3,}$/, reason)
        assert.ok(!(reason.includes('_') && meaning.includes(reason)), `${reason}: a code is no word`)
      }
    })
  }

  it('are those that authz answers with', () => {
    assert.deepEqual(Object.keys(DENIALS).sort(), Object.keys(REFUSALS).sort())
    for (const reason of Object.keys(REFUSALS)) {
      const line = { ...DENIED, reason }
      const cause = causeOf({ id: ID, access: undefined, lines: [line], audit: [] })
      assert.doesNotMatch(cause.meaning, /has no words/, reason)
      assert.ok(cause.told.length > 3, reason)
    }
  })

  it('say so for a reason of a later release', () => {
    const { meaning } = causeOf({
      id: ID,
      access: undefined,
      lines: [{ ...DENIED, reason: 'of_tomorrow' }],
      audit: [],
    })
    assert.match(meaning, /of_tomorrow .*has no words/)
  })
})
