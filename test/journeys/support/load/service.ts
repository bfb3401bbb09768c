import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { answersHttp } from '../../../../deploy/container/answers-http.ts'
import { createOrphanGuard } from '../../../../deploy/local/supervisor/orphan-guard.ts'
import { SupervisedProcess } from '../../../../deploy/local/supervisor/supervised-process.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { freePorts } from '../../../../deploy/local/context/free-ports.ts'

/** A request as it reached the service. */
interface Received {
  /** The load's name of its sender. */
  readonly user: string
  readonly id: number
  /** A hash of the Authorization value. */
  readonly credential: string
}

/** A service as a real process, which can be stopped and killed, and tells afterwards all that ever reached it. */
export interface LoadService {
  readonly url: URL
  readonly process: SupervisedProcess
  received(): Promise<Received[]>
}

export async function startLoadService(): Promise<LoadService> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-load-'))
  const file = join(folder, 'received')
  const [port = 0] = await freePorts(1)
  const orphanGuard = createOrphanGuard(folder)
  const main = join(import.meta.dirname, 'service-main.ts')
  const part = {
    name: 'platform-mcp' as const,
    command: process.execPath,
    args: [main, String(port), file],
    environment: {},
    isHealthy: () => answersHttp({ port, path: '/' }),
  }
  const service = new SupervisedProcess(part, { write: () => undefined, orphanGuard })
  closeAfterAll(async () => {
    await service.stop()
    await orphanGuard.release()
    await rm(folder, { recursive: true, force: true })
  })
  await service.start()
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    process: service,
    async received() {
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line) as Received)
    },
  }
}
