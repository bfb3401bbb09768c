import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { listen, removeStaleSocket } from '../../../core/network/listen.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

describe('listen', () => {
  let path: string

  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-listen-'))
    closeAfterAll(() => rm(folder, { recursive: true, force: true }))
    path = join(folder, 'x.sock')
  })

  function newServer(): Server {
    // A probe of removeStaleSocket hangs up at once.
    const server = createServer((socket) => socket.on('error', () => undefined).end('hello'))
    closeAfterAll(() => void server.close())
    return server
  }

  async function ask(address: { path: string } | { port: number; host: string }): Promise<string> {
    const socket = connect(address)
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString()
  }

  async function listeningProcess(): Promise<ChildProcess> {
    const options = JSON.stringify({ path, backlog: 1 })
    const script = `require('node:net').createServer().listen(${options}, () => console.log('ready'))`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    closeAfterAll(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    return child
  }

  /** A socket file that a process left behind when it was killed. */
  async function leaveSocket(): Promise<void> {
    const child = await listeningProcess()
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.ok((await stat(path)).isSocket())
  }

  it('listens at a TCP address', async () => {
    const server = newServer()
    await listen(server, { host: '127.0.0.1', port: 0 })
    const { port } = server.address() as AddressInfo
    assert.equal(await ask({ host: '127.0.0.1', port }), 'hello')
  })

  it('fails when the address is in use', async () => {
    const first = newServer()
    await listen(first, { host: '127.0.0.1', port: 0 })
    const { port } = first.address() as AddressInfo
    await assert.rejects(listen(newServer(), { host: '127.0.0.1', port }), { code: 'EADDRINUSE' })
  })

  it('listens at a Unix socket that only owner and group can reach', async () => {
    await listen(newServer(), { path })
    assert.equal(((await stat(path)).mode & 0o777).toString(8), '660')
    assert.equal(await ask({ path }), 'hello')
  })

  it('replaces the socket file of a killed process', async () => {
    await leaveSocket()
    await listen(newServer(), { path })
    assert.equal(await ask({ path }), 'hello')
  })

  it('keeps a socket file that another process listens at', async () => {
    await listen(newServer(), { path })
    await assert.rejects(listen(newServer(), { path }), /another process listens/)
    assert.equal(await ask({ path }), 'hello')
  })

  it('deletes no file that is not a socket, named or linked to', async () => {
    await writeFile(path, 'precious')
    const link = `${path}.link`
    await symlink(path, link)
    for (const named of [path, link]) {
      await assert.rejects(listen(newServer(), { path: named }), /exists and is not a socket/)
    }
    assert.equal(await readFile(path, 'utf8'), 'precious')
  })

  it('fails when the folder does not exist', async () => {
    await assert.rejects(listen(newServer(), { path: join(path, 'x.sock') }), { code: /ENOENT|EACCES/ })
  })

  it('removes nothing when the file does not exist', async () => {
    await removeStaleSocket(path)
    await leaveSocket()
    await removeStaleSocket(path)
    await assert.rejects(stat(path), { code: 'ENOENT' })
  })

  it('keeps a socket file whose process is too busy to answer', async () => {
    const child = await listeningProcess()
    child.kill('SIGSTOP')
    // Two wait at a queue of length 1, and for the next there is no room.
    for (const waiting of [connect(path), connect(path)]) {
      waiting.on('error', () => undefined)
      await once(waiting, 'connect')
    }
    await assert.rejects(once(connect(path), 'connect'), { code: 'EAGAIN' })
    await assert.rejects(removeStaleSocket(path), /another process listens/)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
})
