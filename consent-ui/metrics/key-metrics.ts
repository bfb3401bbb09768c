import { Gauge, type Registry } from '@prometheus-io/client'
import type { KeyRing } from '../../core/keys/keys.ts'
import { sealedUnder } from '../clients/sealed-client.ts'
import { countKeyUsage, type KeyUsage } from '../keys/key-usage.ts'
import { repeat, type Background } from '../store/repeat.ts'

const PERIOD_SECONDS = 300

/** Parts of a live session, and account links. */
const PARTS = {
  credential: 'sessions',
  refresh_token: 'refreshTokens',
  registration: 'registrations',
  person_link: 'links',
} as const

/** Counts live sessions by sealing key in the background, since a count per scrape would load Redis. */
export function keepKeyMetrics(registry: Registry, background: Background, ring: KeyRing): void {
  const gauge = new Gauge({
    name: 'connect_consent_ui_sessions_by_sealing_key',
    help: `Live sessions and account links that need a sealing key, counted every ${PERIOD_SECONDS} s`,
    labelNames: ['key', 'part'],
    registers: [registry],
  })
  const live = new Gauge({
    name: 'connect_consent_ui_live_sessions',
    help: `Live sessions, counted every ${PERIOD_SECONDS} s`,
    registers: [registry],
  })
  const registrationKey = (clientId: string): string | undefined => sealedUnder(ring, clientId)

  async function count(): Promise<void> {
    try {
      show(await countKeyUsage({ store: background.store, origin: ring.origin, registrationKey }))
    } catch (error) {
      // Old numbers could make an operator remove a key that is in use.
      gauge.reset()
      live.set(NaN)
      throw error
    }
  }

  function show(census: KeyUsage): void {
    // Each live session has one current refresh token.
    live.set([...census.values()].reduce((sum, { refreshTokens }) => sum + refreshTokens, 0))
    gauge.reset()
    for (const key of new Set([...ring.all.map(({ id }) => id), ...census.keys()])) {
      for (const [part, counted] of Object.entries(PARTS)) {
        gauge.set({ key, part }, census.get(key)?.[counted] ?? 0)
      }
    }
  }

  repeat(background, count, {
    everySeconds: PERIOD_SECONDS,
    failure: 'metrics: sessions by key could not be counted',
  })
}
