import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { handedOnTo } from '../../edge/support/http-witness.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { until } from '../../support/until.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { echoService } from '../support/services/echo-service.ts'
import { recordedStack, type RecordedStack } from '../support/recorded-stack.ts'

const CLOCK = join(import.meta.dirname, '../support/load/clock-main.ts')
const JSON_TYPE = { 'content-type': 'application/json' }
const LARGE = 'x'.repeat(10_000_000)

const answering =
  (status: number, body: string, headers: Record<string, string> = JSON_TYPE): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body)

const ODD_ANSWERS: Readonly<Record<string, RequestListener>> = {
  'an error': answering(500, '{}'),
  'a page': answering(200, '<html>ok</html>', { 'content-type': 'text/html' }),
  nothing: answering(200, '', {}),
  'other types': answering(200, '{"current_user":{"name":"ada"},"is_active":"yes"}'),
  'too much': answering(200, `{"current_user":"${LARGE}"}`),
  'a cut connection': (request) => request.socket.destroy(),
}

describe('Sessions in use while the Registry answers oddly', function () {
  this.timeout(60_000)
  let stack: RecordedStack
  let people: readonly ConnectedUser[]
  let odd: RequestListener | undefined
  let asked = 0

  before(async () => {
    let port = 0
    const real = handedOnTo(() => ({ port }))
    const registry = await listenOnFreePort((request, response) => {
      asked += 1
      const answer = odd ?? real
      answer(request, response)
    })
    const QUILT_REGISTRY_URL = registry.origin
    stack = await recordedStack({
      service: echoService,
      changes: { authz: { QUILT_REGISTRY_URL, NODE_OPTIONS: `--import=${CLOCK}` } },
    })
    port = stack.context.ports.registry
    people = [await connectedUser(stack, ADA), await connectedUser(stack, GRACE)]
  })

  const minutes = (): number => stack.lines.filter((line) => line.endsWith('a minute has passed')).length

  async function aMinutePasses(): Promise<void> {
    const before = minutes()
    process.kill(stack.process('authz').pid ?? 0, 'SIGUSR2')
    await until(() => minutes() > before, 'the clock to skip')
  }

  for (const [what, answer] of Object.entries(ODD_ANSWERS)) {
    it(`G05: with ${what}: requests are allowed as before, and authz keeps running`, async () => {
      const { pid } = stack.process('authz')
      const before = asked
      odd = answer
      try {
        await aMinutePasses()
        const answers = await Promise.all(people.map((user) => user.ask()))
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200],
        )
        assert.ok(asked >= before + people.length, 'it was asked about each of them')
      } finally {
        odd = undefined
      }
      assert.equal(stack.process('authz').pid, pid)
    })
  }
})
