import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Reads process ids until its input ends, which it does when we are gone; then nothing of ours may stay. */
const SCRIPT = `
pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || { kill $pids; sleep 3; kill -9 $pids; } 2>/dev/null
rm -rf "$1"
`

/** Ends what we started should we be killed ourselves, so that nothing is left running without us. */
export interface Leash {
  hold(pid: number): void
  /** Everything was ended in good order: nobody is to be killed, whoever has these ids by then. */
  release(): Promise<void>
}

/** @param folder - of this run, which is removed then */
export function createLeash(folder: string): Leash {
  const holder = spawn('/bin/sh', ['-c', SCRIPT, 'leash', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  holder.stdin.on('error', () => undefined)
  return {
    hold: (pid) => void holder.stdin.write(`${pid}\n`),
    async release() {
      const ended = once(holder, 'exit')
      if (holder.kill('SIGKILL')) await ended
    },
  }
}
