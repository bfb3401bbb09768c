import type { SharedSettings } from '../../../core/config/shared-settings.ts'
import { ControlStore } from '../../../core/controls/control-store.ts'
import { isStopped } from '../../../core/services/stop.ts'
import type { Store } from '../../../core/store/redis.ts'
import { readBlockEntries } from '../../../core/clients/blocked-clients.ts'
import { aboutPart, type Finding } from './finding.ts'

const { ok, warning } = aboutPart('controls')

/** Blocks and stops that only Redis holds: an emptied Redis would lift them. */
export async function checkControls(store: Store, settings: SharedSettings): Promise<readonly Finding[]> {
  const { blocked, stopped } = await new ControlStore(store, settings.origin).read()
  const blocks = blocked
    .filter(({ entry }) => !isInSettings(settings, entry))
    .map(({ entry, ...set }) =>
      inRedisOnly(`${entry} is blocked`, set, `CONNECT_BLOCKED_CLIENTS has ${entry}`),
    )
  const stops = stopped
    .filter(({ service }) => !isStopped(settings.stop, service))
    .map(({ service, ...set }) => inRedisOnly(`${service} is stopped`, set, `CONNECT_STOP has ${service}`))
  const found = [...blocks, ...stops]
  return found.length > 0 ? found : [ok('no client is blocked and no service stopped in Redis only')]
}

function inRedisOnly(
  what: string,
  { by, at }: { readonly by: string; readonly at: number },
  permanent: string,
): Finding {
  const since = new Date(at * 1000).toISOString()
  return warning(
    `${what} in Redis only, by ${by} since ${since}: an emptied Redis lifts it`,
    `to make it permanent, deploy when ${permanent}`,
  )
}

function isInSettings({ blockedClients }: SharedSettings, entry: string): boolean {
  const { fingerprints, hosts } = readBlockEntries([entry])
  const known = JSON.stringify(blockedClients.hosts)
  return (
    [...fingerprints].every((each) => blockedClients.fingerprints.has(each)) &&
    hosts.every((host) => known.includes(JSON.stringify(host)))
  )
}
