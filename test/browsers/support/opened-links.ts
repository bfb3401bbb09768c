import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../../support/until.ts'

/** Stands for the applications on this computer: a program that keeps the links that the browser opens with it. */
export class OpenedLinks {
  /** Named as the program that Chromium starts for a link with a custom scheme. */
  readonly program: string
  readonly folder: string
  readonly #file: string
  #taken = 0

  constructor(parent: string) {
    this.folder = join(parent, 'bin')
    this.program = join(this.folder, 'xdg-open')
    this.#file = join(parent, 'opened')
    mkdirSync(this.folder)
    writeFileSync(this.program, `#!/bin/sh\nprintf '%s\\n' "$1" >>'${this.#file}'\n`)
    chmodSync(this.program, 0o755)
  }

  async next(): Promise<URL> {
    const at = this.#taken
    this.#taken += 1
    await until(() => this.#lines().length > at, 'a link that the browser opens with an application')
    return new URL(this.#lines()[at] ?? '')
  }

  #lines(): string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : []
  }
}
