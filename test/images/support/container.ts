import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, chmod, chown } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Environment } from '../../../core/config/environment.ts'
import { until } from '../../support/until.ts'
import type { Buildah, ImageConfig } from './buildah.ts'
import { run } from '../../support/run.ts'

const SCRIPT = join(import.meta.dirname, 'container.sh')
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--ipc', '--uts']

export interface Volumes {
  /** On this machine; the containers of a task share it. */
  readonly folder: string
  /** Paths that the container may only read. */
  readonly readOnly: readonly string[]
}

/** A running container of an image, without a container runtime. */
export class Container {
  readonly name: string
  readonly config: ImageConfig
  readonly lines: string[] = []
  readonly exited: Promise<number>
  readonly #child: ChildProcess

  private constructor(name: string, config: ImageConfig, child: ChildProcess) {
    this.name = name
    this.config = config
    this.#child = child
    this.exited = once(child, 'exit').then(([code]) => code as number)
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', (line) => void this.lines.push(line))
    }
  }

  static async start(
    name: string,
    { buildah, environment, volumes }: { buildah: Buildah; environment: Environment; volumes: Volumes },
  ): Promise<Container> {
    const [root, config] = await Promise.all([buildah.mount(name), buildah.inspect(name)])
    for (const folder of ['proc', 'dev']) await mkdir(join(root, folder), { recursive: true })
    const mounts: string[] = []
    for (const path of Object.keys(config.Volumes)) {
      await createVolume(join(root, path), join(volumes.folder, path))
      const mode = volumes.readOnly.includes(path) ? 'ro' : 'rw'
      mounts.push(`${join(volumes.folder, path)}:${path}:${mode}`)
    }
    const set = Object.entries(environment).map(([variable, value = '']) => `${variable}=${value}`)
    const [user = '', group = ''] = config.User.split(':')
    const args = [root, user, group, config.WorkingDir, mounts.join('\n'), [...config.Env, ...set].join('\n')]
    const child = spawn(
      'unshare',
      [...NAMESPACES, 'sh', SCRIPT, ...args, ...config.Entrypoint, ...(config.Cmd ?? [])],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    return new Container(name, config, child)
  }

  /** Runs the health check of the image until it succeeds. */
  async healthy(): Promise<void> {
    const [, ...check] = this.config.Healthcheck.Test
    await until(async () => {
      if (this.#child.exitCode !== null) throw new Error(`${this.name} ended:\n${this.lines.join('\n')}`)
      return await this.exec(...check).then(
        () => true,
        () => false,
      )
    }, `${this.name} to be healthy`)
  }

  /** Runs a command inside, as `docker exec` and health checks do. */
  async exec(...command: string[]): Promise<string> {
    const [user = '', group = ''] = this.config.User.split(':')
    const enter = ['-t', await this.#pid(), '-m', '-p', '-i', '-u', '-r', '-w', '-S', user, '-G', group]
    return await run('nsenter', [...enter, '--', '/usr/bin/env', '-i', ...this.config.Env, ...command])
  }

  /** Lines of /proc/<pid>/status of its first process. */
  async status(): Promise<ReadonlyMap<string, string>> {
    const text = await readFile(`/proc/${await this.#pid()}/status`, 'utf8')
    return new Map(text.split('\n').map((line) => line.split(':\t', 2) as [string, string]))
  }

  /**
   * Sends SIGTERM to its first process.
   *
   * @returns the exit status, and how long it took
   */
  async stop(): Promise<{ readonly status: number; readonly seconds: number }> {
    const before = performance.now()
    process.kill(Number(await this.#pid()), 'SIGTERM')
    return { status: await this.exited, seconds: (performance.now() - before) / 1000 }
  }

  /** Ends it, as at the end of a failed test. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await this.exited
  }

  /** On this machine, of the first process inside. */
  async #pid(): Promise<string> {
    const unshare = this.#child.pid ?? 0
    const children = await readFile(`/proc/${unshare}/task/${unshare}/children`, 'utf8')
    const [pid = ''] = children.split(' ')
    if (pid === '') throw new Error(`${this.name} does not run:\n${this.lines.join('\n')}`)
    return pid
  }
}

/** Gives a new volume the owner and mode of the image's path, as Fargate does. */
async function createVolume(from: string, folder: string): Promise<void> {
  const { uid, gid, mode } = await stat(from)
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined
  if (!isNew) return
  await chown(folder, uid, gid)
  await chmod(folder, mode & 0o7777)
}
