import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'

/**
 * Prints the start time of a process; nothing if it has ended. On Linux it is field 22 of /proc/<pid>/stat (proc(5)),
 * counted after the name, which may contain blanks and parentheses. On macOS `ps` prints it.
 */
const START_TIME = `
start_time() {
  if [ -r /proc/self/stat ]; then sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
  else LC_ALL=C ps -o lstart= -p "$1"; fi
}
`

/** Prints a process and its descendants: some programs leave theirs running when they end. */
const DESCENDANTS = `
children() {
  if [ -r /proc/self/stat ]; then cat "/proc/$1/task/"*/children 2>/dev/null
  else pgrep -P "$1"; fi
}
with_descendants() {
  for process in "$@"; do echo "$process"; with_descendants $(children "$process"); done
}
`

/**
 * Reads process ids with start times until its input ends, because our process ended. Then it ends those processes
 * with their descendants, and removes the folder. A process id with another start time was reused by an unrelated
 * process.
 */
const SCRIPT = `${START_TIME}${DESCENDANTS}
held=
while read -r line; do held="$held$line
"; done
is_same() { [ -n "$2" ] && [ "$(start_time "$1")" = "$2" ]; }
all=$(printf %s "$held" | while read -r pid start; do
  is_same "$pid" "$start" && for each in $(with_descendants "$pid"); do echo "$each $(start_time "$each")"; done
done)
signal() {
  echo "$all" | while read -r pid start; do
    if is_same "$pid" "$start"; then kill "$1" "$pid" && echo running; fi
  done 2>/dev/null
}
signal -TERM >/dev/null
polls=0
while [ -n "$(signal -0)" ] && [ $polls -lt 30 ]; do sleep 0.1; polls=$((polls + 1)); done
signal -KILL >/dev/null
rm -rf "$1"
`

/** Ends the processes that we started, with their descendants, if we are killed. */
export interface OrphanGuard {
  hold(pid: number): void
  /** Ends the guard, which then kills nothing. */
  release(): Promise<void>
}

/**
 * @param folder - of this run; the guard removes it
 * @param startTime - of a process, as the guard's shell prints it
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

/** As the guard's shell prints it: empty if the process has ended. */
export function startTimeOf(pid: number): string {
  return process.platform === 'linux' ? startTimeInProc(pid) : startTimeByShell(pid)
}

/** Without a shell, which would stop this process for 20 ms. */
function startTimeInProc(pid: number): string {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')
    return afterName.split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function startTimeByShell(pid: number): string {
  const args = ['-c', `${START_TIME}start_time "$1" || true`, 'start-time', String(pid)]
  return execFileSync('/bin/sh', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
