import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Prints when a process started; nothing for one that has ended. Linux counts clock ticks since boot (proc(5): field
 * 22 of `stat`, after a name that may hold blanks and parentheses). macOS has `ps`, to the second.
 */
const START_TIME = `
start_time() {
  if [ -r /proc/self/stat ]; then sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
  else LC_ALL=C ps -o lstart= -p "$1"; fi
}
`

/**
 * Reads process ids with start times until its input ends: our process is gone then. Ends those processes, and
 * removes the folder. A process id with another start time belongs to another process by now, which is left alone.
 */
const SCRIPT = `${START_TIME}
held=
while read -r line; do held="$held$line
"; done
signal() {
  printf %s "$held" | while read -r pid start; do
    if [ "$(start_time "$pid")" = "$start" ]; then kill "$1" "$pid" && echo running; fi
  done 2>/dev/null
}
signal -TERM >/dev/null
polls=0
while [ -n "$(signal -0)" ] && [ $polls -lt 30 ]; do sleep 0.1; polls=$((polls + 1)); done
signal -KILL >/dev/null
rm -rf "$1"
`

/** Ends the processes that we started should we be killed ourselves. */
export interface OrphanGuard {
  hold(pid: number): void
  /** Every process was ended in order: the guard ends, and kills nothing. */
  release(): Promise<void>
}

/**
 * @param folder - of this run, which the guard removes
 * @param startTime - of a process, as the guard's own shell would print it
 */
export function createOrphanGuard(folder: string, startTime = startTimeOf): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'orphan-guard', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.stdin.on('error', () => undefined)
  return {
    hold(pid) {
      const start = startTime(pid)
      if (start !== '') guard.stdin.write(`${pid} ${start}\n`)
    },
    async release() {
      const ended = once(guard, 'exit')
      if (guard.kill('SIGKILL')) await ended
    },
  }
}

/** Empty for a process that has ended. */
export function startTimeOf(pid: number): string {
  const args = ['-c', `${START_TIME}start_time "$1" || true`, 'start-time', String(pid)]
  return execFileSync('/bin/sh', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
