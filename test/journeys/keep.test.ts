import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Redis } from 'ioredis'
import { ADA } from '../../deploy/demo/people.ts'
import { freeStackPorts, type Ports } from '../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../deploy/local/stack.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { approveAs } from './support/consent.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'

describe('npm start -- --keep', function () {
  this.timeout(60_000)
  let keptFolder: string
  let ports: Ports
  let stack: Stack
  let user: ConnectedUser

  const start = (): Promise<Stack> => startStack({ ports, keptFolder, write: () => undefined })

  before(async () => {
    keptFolder = await mkdtemp(join(tmpdir(), 'connect-kept-'))
    closeAfterAll(() => rm(keptFolder, { recursive: true }))
    ports = await freeStackPorts()
    stack = await start()
    closeAfterAll(() => stack.stop())
    user = await connectedUser(stack, ADA)
  })

  it('continues after a restart without a new sign-in', async () => {
    const tools = (): Promise<number> =>
      user.connect().then(async (client) => (await client.listTools()).tools.length)
    const before = await tools()
    await stack.stop()
    stack = await start()
    assert.equal(await tools(), before)
    assert.equal((await user.refresh()).status, 200)
    assert.equal(await tools(), before)
  })

  it('keeps sessions when Redis crashes', async () => {
    const store = stack.process('valkey')
    const before = store.pid ?? 0
    process.kill(before, 'SIGKILL')
    await until(() => store.pid !== before, 'the next start of the store')
    await until(async () => (await user.refresh()).status === 200, 'a refresh with the token from before')
    assert.equal((await user.ask()).status, 200)
  })

  it('keeps its files in a folder with mode 0700, and the keys in a file with mode 0600', async () => {
    assert.equal((await stat(keptFolder)).mode & 0o777, 0o700)
    const secrets = (await readdir(keptFolder)).filter((name) => name.endsWith('.json'))
    assert.ok(secrets.includes('secrets.json'))
    for (const name of secrets) assert.equal((await stat(join(keptFolder, name))).mode & 0o777, 0o600, name)
  })

  it('only asks for a sign-in after Redis was emptied: the registration remains valid', async () => {
    const redis = new Redis({ path: join(stack.context.folder, 'valkey.sock') })
    await redis.flushall()
    redis.disconnect()
    await until(async () => (await user.ask()).status === 401, 'the end of the session')
    const before = user.memory.clientInformation()?.client_id
    user.memory.forgetTokens()
    await user.redeem(await approveAs(user, ADA))
    assert.equal(user.memory.clientInformation()?.client_id, before)
    assert.equal((await user.ask()).status, 200)
  })
})
