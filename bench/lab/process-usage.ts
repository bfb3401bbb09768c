import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1e6

export interface Usage {
  readonly cpuMs: number
  readonly rssMiB: number
}

/** Reads the usage of a running process. Threads that have ended do not count: ours live as long as the process. */
export function usageOf(pid: number): Usage {
  const threads = readdirSync(`/proc/${pid}/task`)
  return readUsage(
    threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')),
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )
}

/**
 * schedstat counts nanoseconds where stat counts 10 ms (proc_pid_status(5)).
 *
 * @throws TypeError for other texts
 */
export function readUsage(schedstats: readonly string[], status: string): Usage {
  const [, residentKiB] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  const nanoseconds = schedstats.reduce((sum, text) => sum + Number(/^\d+/.exec(text)?.[0]), 0)
  const usage = { cpuMs: nanoseconds / NS_PER_MS, rssMiB: Number(residentKiB) / 1024 }
  if (schedstats.length === 0 || Number.isNaN(usage.cpuMs + usage.rssMiB))
    throw new TypeError('/proc has no such process, or this kernel has no schedstat')
  return usage
}
