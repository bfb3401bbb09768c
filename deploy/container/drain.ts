import { setTimeout } from 'node:timers/promises'
import type { Log } from '../../core/log/log.ts'
import type { EnvoyAdmin } from './envoy-admin.ts'

const POLL_MS = 250

/**
 * Takes Envoy out of service: fails its health check, gives load balancers the notice, and waits for open requests.
 * Envoy answers new requests until its caller stops it, as a load balancer sends some after it has seen the health check.
 */
export async function drain(
  admin: EnvoyAdmin,
  { noticeSeconds, drainSeconds, log }: { noticeSeconds: number; drainSeconds: number; log: Log },
): Promise<void> {
  const deadline = performance.now() + (noticeSeconds + drainSeconds) * 1000
  log.info({ noticeSeconds, drainSeconds }, 'envoy: draining, /healthz answers 503')
  await admin.failHealthChecks()
  await setTimeout(noticeSeconds * 1000)
  await admin.drainListeners()
  let active = await admin.activeRequests()
  if (active > 0) log.info({ active }, 'envoy: waiting for open requests')
  while (active > 0 && performance.now() < deadline) {
    await setTimeout(POLL_MS)
    active = await admin.activeRequests()
  }
  if (active === 0) log.info('envoy: drained')
  else log.warn({ active }, 'envoy: requests cut off at the end of the drain')
}
