import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../../deploy/local/context/free-ports.ts'
import { portsFrom, requireFree } from '../../../../deploy/local/context/ports.ts'
import { childEnvironment } from '../../../support/child-environment.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const MAIN = join(ROOT, 'deploy/local/main.ts')

/** The temporary folder of each `npm start` here; stacks of other tests are elsewhere. */
export const RUN_FOLDERS = mkdtempSync(join(tmpdir(), 'connect-runs-'))
closeAfterAll(() => rmSync(RUN_FOLDERS, { recursive: true, force: true }))

/** A running `npm start`, with npm or without. */
export interface Started {
  readonly child: ChildProcess
  readonly lines: string[]
  /** Waits for a line; rejects if the process ends before it. */
  line(text: string): Promise<string>
  /** Resolves with the exit status or signal. */
  end(): Promise<number | NodeJS.Signals | null>
}

export function npmStart(args: readonly string[], changes: Record<string, string> = {}): Started {
  return start(process.execPath, [MAIN, ...args], changes)
}

/** With npm, as a user runs it. */
export function wholeNpmStart(args: readonly string[]): Started {
  return start('npm', ['start', '--', ...args], {})
}

function start(command: string, args: readonly string[], changes: Record<string, string>): Started {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: childEnvironment({
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TMPDIR: RUN_FOLDERS,
      ...changes,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      for (const look of waiting) look()
    })
  }
  closeAfterAll(() => void child.kill('SIGKILL'))
  return {
    child,
    lines,
    async end() {
      const [status, signal] = await ended
      return status ?? signal
    },
    async line(text) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = (): void => {
        const found = lines.find((line) => line.includes(text))
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`ended without "${text}":\n${lines.join('\n')}`)))
      return await promise.finally(() => waiting.delete(look))
    },
  }
}

/** The first of the free ports for a stack. */
export async function portsInARow(): Promise<number> {
  for (;;) {
    const [first = 0] = await freePorts(1)
    const areFree = await requireFree(portsFrom(first)).then(
      () => true,
      () => false,
    )
    if (!areFree) continue
    closeAfterAll(() => rmSync(join(ROOT, `.local/npm-start-${first}.log`), { force: true }))
    return first
  }
}

/** The running child processes of a process. */
export function childrenOf(parent: number | undefined): number[] {
  return readdirSync('/proc').flatMap((name) => (parentOf(name) === parent ? [Number(name)] : []))
}

export function isRunning(pid: number): boolean {
  return parentOf(String(pid)) !== undefined
}

/** From /proc/<pid>/stat; undefined if the process has ended, also as a zombie. */
function parentOf(pid: string): number | undefined {
  if (!/^\d+$/.test(pid)) return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}
