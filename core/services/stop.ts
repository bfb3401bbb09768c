import { z } from 'zod'
import type { Log } from '../log/log.ts'
import type { Service } from './service.ts'

/** What the operator has stopped in an emergency: everything, or these services. */
export type Stop = 'all' | ReadonlySet<string>

/** `Retry-After` of what is stopped: only another deployment starts it again. */
export const STOPPED_RETRY_AFTER_SECONDS = 60

/** Schema of `CONNECT_STOP`: `all`, or names of services separated by commas. */
export const stop = z
  .string()
  .default('')
  .transform((text): Stop => {
    const entries = text
      .split(',')
      .map((entry) => entry.trim().toLowerCase())
      .filter((entry) => entry !== '')
    return entries.includes('all') ? 'all' : new Set(entries)
  })

export function isStopped(stopped: Stop, service: string): boolean {
  return stopped === 'all' || stopped.has(service)
}

/** Logs at the start what is stopped. */
export function logStop(log: Log, stopped: Stop): void {
  const names = stopped === 'all' ? ['all'] : [...stopped]
  if (names.length > 0) log.warn({ stopped: names }, 'stopped by the operator (CONNECT_STOP)')
}

/** Refuses a name that is no service: the operator must not believe that it is stopped. */
export function checkStop(
  environment: { readonly CONNECT_STOP: Stop; readonly CONNECT_SERVICES: readonly Service[] },
  context: z.RefinementCtx,
): void {
  const { CONNECT_STOP: stopped, CONNECT_SERVICES: services } = environment
  if (stopped === 'all') return
  const names = new Set(services.map(({ name }) => name))
  ;[...stopped].forEach((entry, index) => {
    if (names.has(entry)) return
    const message = `entry ${index + 1} is not a service of CONNECT_SERVICES; write all, or names of services separated by commas`
    context.addIssue({ code: 'custom', path: ['CONNECT_STOP'], message })
  })
}
