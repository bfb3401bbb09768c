import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  readonly expiresAt: number
}

/**
 * Stores the library's data in memory. The library's own adapter is shared by all providers of a process, and prints a
 * warning.
 *
 * @param now - milliseconds since 1970
 */
export function memoryAdapter(now: () => number = Date.now): AdapterFactory {
  const entries = new Map<string, Entry>()

  function forgetExpired(): void {
    for (const [key, { expiresAt }] of entries) if (expiresAt <= now()) entries.delete(key)
  }

  function search(model: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    const found = [...entries].find(([key, { payload }]) => key.startsWith(`${model}:`) && matches(payload))
    return found?.[1].payload
  }

  return (model): Adapter => ({
    upsert(id, payload, lifetimeSeconds = Infinity) {
      forgetExpired()
      entries.set(`${model}:${id}`, { payload, expiresAt: now() + lifetimeSeconds * 1000 })
      return Promise.resolve()
    },
    find(id) {
      forgetExpired()
      return Promise.resolve(entries.get(`${model}:${id}`)?.payload)
    },
    findByUid: (uid) => Promise.resolve(search(model, (payload) => payload.uid === uid)),
    findByUserCode: (code) => Promise.resolve(search(model, (payload) => payload.userCode === code)),
    consume(id) {
      const entry = entries.get(`${model}:${id}`)
      if (entry !== undefined) entry.payload.consumed = Math.floor(now() / 1000)
      return Promise.resolve()
    },
    destroy(id) {
      entries.delete(`${model}:${id}`)
      return Promise.resolve()
    },
    revokeByGrantId(grantId) {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
      return Promise.resolve()
    },
  })
}
