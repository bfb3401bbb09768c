import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { run } from '../../support/run.ts'

const imageSchema = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      WorkingDir: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()),
      Cmd: z.array(z.string()).nullish(),
      Volumes: z.record(z.string(), z.unknown()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
})

export type ImageConfig = z.output<typeof imageSchema>['Docker']['config']

/** Builds images without a daemon, in a store of its own. */
export class Buildah {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Commits an image that consists of the files in a folder. */
  async commit(name: string, fill: (root: string) => Promise<void>): Promise<void> {
    const container = await this.run('from', 'scratch')
    await fill(await this.run('mount', container))
    await this.run('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container)
    await this.run('commit', '--quiet', '--rm', container, name)
  }

  async build(target: string, args: readonly string[]): Promise<void> {
    await this.run(
      ...['build', '--quiet', '--pull-never', '--format', 'docker', '--layers', '--network', 'host'],
      ...['--file', 'deploy/images/Dockerfile', '--target', target, '--tag', `connect-${target}`],
      ...[...args, '.'],
    )
  }

  async inspect(target: string): Promise<ImageConfig> {
    const text = await this.run('inspect', '--type', 'image', `connect-${target}`)
    return imageSchema.parse(JSON.parse(text)).Docker.config
  }

  /** Mounts the files of an image. */
  async mount(target: string): Promise<string> {
    return await this.run('mount', await this.run('from', '--pull-never', `connect-${target}`))
  }

  /** Removes the store. */
  async remove(): Promise<void> {
    await this.run('rm', '--all')
    await rm(this.#folder, { recursive: true })
  }

  async run(...args: string[]): Promise<string> {
    const store = ['--root', join(this.#folder, 'storage'), '--runroot', join(this.#folder, 'run')]
    await mkdir(this.#folder, { recursive: true })
    const env = { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'overlay' }
    return await run('buildah', [...store, ...args], env)
  }
}
