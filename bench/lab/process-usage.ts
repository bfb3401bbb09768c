import { readFileSync } from 'node:fs'

/** What Linux counts processor time in, whatever its kernel's own clock (USER_HZ). */
const TICK_MS = 10

/** What a process has used. */
export interface Usage {
  readonly cpuMs: number
  readonly rssMiB: number
}

export function usageOf(pid: number): Usage {
  return readUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'), readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/**
 * From the texts of /proc/<pid>/stat and /proc/<pid>/status (proc_pid_stat(5), proc_pid_status(5)).
 *
 * @throws TypeError for texts that are none of these
 */
export function readUsage(stat: string, status: string): Usage {
  // The name in parentheses may hold anything, spaces and parentheses among it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, residentKiB] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  const usage = {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssMiB: Number(residentKiB) / 1024,
  }
  if (Number.isNaN(usage.cpuMs + usage.rssMiB)) throw new TypeError('no process was read')
  return usage
}
