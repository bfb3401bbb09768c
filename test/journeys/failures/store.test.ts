import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answersGrpcHealth } from '../../../deploy/container/answers-grpc-health.ts'
import { socketPath } from '../../../deploy/local/context/addresses.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { echoService } from '../support/services/echo-service.ts'
import { explained } from '../support/explained.ts'
import { rawRequest } from '../support/raw-request.ts'
import { recordedStack, type RecordedStack } from '../support/recorded-stack.ts'
import { assertStatelessWorks, assertUnavailable, assertUnavailablePage, authorizationUrl } from './cells.ts'

const GRACE_SECONDS = 3

/** How Redis fails, and how it is repaired. */
const OUTAGES: Record<string, Record<'begin' | 'end', (stack: RecordedStack) => Promise<void> | void>> = {
  'is killed': {
    begin: (stack) => stack.process('valkey').kill(),
    end: (stack) => stack.process('valkey').start(),
  },
  hangs: {
    begin: (stack) => {
      stack.process('valkey').pause()
    },
    end: (stack) => {
      stack.process('valkey').resume()
    },
  },
}

describe('When the store', function () {
  this.timeout(60_000)

  const stack = beforeAll(async () => {
    const keptFolder = await mkdtemp(join(tmpdir(), 'connect-kept-'))
    closeAfterAll(() => rm(keptFolder, { recursive: true }))
    const authz = { STORE_OUTAGE_GRACE_SECONDS: String(GRACE_SECONDS) }
    return await recordedStack({ changes: { authz }, service: echoService, keptFolder })
  })

  for (const [what, { begin, end }] of Object.entries(OUTAGES)) {
    describe(what, () => {
      let warm: ConnectedUser
      let cold: ConnectedUser
      let url: string

      before(async () => {
        warm = await connectedUser(stack, ADA)
        cold = await connectedUser(stack, GRACE)
        // authz forgets both; only one is asked for again.
        await stack.process('authz').kill()
        await stack.process('authz').start()
        // The grace counts from the last heartbeat: a process that has had none yet serves nothing from memory.
        const authzSocket = socketPath(stack.context, 'authz')
        await until(async () => await answersGrpcHealth(authzSocket, 'ready'), 'the first heartbeat')
        await until(async () => (await warm.ask()).status === 200, 'authz again')
        url = await authorizationUrl(stack)
        await begin(stack)
      })

      it('allows sessions in memory for the grace, and no others', async () => {
        assert.equal((await warm.ask()).status, 200)
        assertUnavailable(await cold.ask())
      })

      it('still answers discovery, JWKS and registration', async () => {
        await assertStatelessWorks(stack)
      })

      it('answers authorize with a page and the token endpoint with 503, never 401', async () => {
        assertUnavailablePage(await rawRequest(url))
        const refreshed = await warm.refresh()
        assert.equal(refreshed.status, 503)
        assert.match(refreshed.retryAfter ?? '', /^\d+$/)
      })

      it('allows no request once the grace is over', async () => {
        await until(async () => (await warm.ask()).status !== 200, 'the end of the grace')
        const answer = await warm.ask()
        assertUnavailable(answer)
        const { verdict, reason, nearby } = await explained(stack, answer)
        assert.deepEqual([verdict, reason], ['unavailable', 'store_unavailable'])
        const problems = nearby.map(({ message }) => String(message))
        assert.ok(
          problems.some((message) => message.startsWith('redis: ')),
          `the problem of Redis: ${problems.join()}`,
        )
      })

      it('works again without a new sign-in once Redis is back', async () => {
        await end(stack)
        await until(async () => (await warm.ask()).status === 200, 'the session passes again')
        assert.equal((await cold.ask()).status, 200)
        await until(async () => (await warm.refresh()).status === 200, 'a refresh')
        assert.equal((await rawRequest(url)).status, 303)
      })

      it('refuses a session revoked after that, on the next request', async () => {
        assert.equal(await cold.revoke(), 200)
        assert.equal((await cold.ask()).status, 401)
      })
    })
  }
})
