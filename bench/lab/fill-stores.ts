import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLog } from '../../core/log/log.ts'
import { connectStore } from '../../core/store/redis.ts'
import { coldTokens, type Plan } from '../plan.ts'
import type { TokenSet } from '../rows.ts'
import type { Identity } from './identity.ts'
import { openSessions, storeCopies, storeSessions, type OpenedSession } from './sessions.ts'
import type { RunningStore } from './store.ts'

interface Tokens {
  readonly file: string
  readonly count: number
}

export interface Filled {
  readonly tokens: Readonly<Record<TokenSet | 'held', Tokens>>
  readonly credentials: Readonly<Record<string, string>>
}

interface Filling {
  readonly plan: Plan
  readonly nowSeconds: number
  readonly identity: Identity
  readonly folder: string
  readonly small: RunningStore
  readonly large: RunningStore
}

/** Opens every session of the plan in its store; the large store gets many more. */
export async function fillStores({
  plan,
  nowSeconds,
  identity,
  folder,
  small,
  large,
}: Filling): Promise<Filled> {
  const open = (count: number, access: 'read' | 'full' = 'full') =>
    openSessions(identity, { count, access, nowSeconds })
  const full = open(plan.warmSessions)
  const read = open(plan.warmSessions, 'read')
  const [cold, largeCold] = [open(coldTokens(plan)), open(coldTokens(plan))]
  const held = open(plan.held)
  await inStore(small, async (store) => {
    for (const sessions of [full, read, cold]) await storeSessions(store, sessions.map(sessionOf))
  })
  await inStore(large, async (store) => {
    for (const sessions of [largeCold, held]) await storeSessions(store, sessions.map(sessionOf))
    const [first] = held
    if (first !== undefined) await storeCopies(store, first.session, plan.stored)
  })
  const tokens = {
    full: write('full', full),
    read: write('read', read),
    cold: write('cold', cold),
    'large-cold': write('large-cold', largeCold),
    large: write('large', held.slice(0, plan.warmSessions)),
    held: write('held', held),
  }
  return { tokens, credentials: Object.fromEntries(full.map((each) => [each.session.id, each.credential])) }

  function write(name: string, sessions: readonly OpenedSession[]): Tokens {
    const file = join(folder, `${name}.tokens`)
    writeFileSync(file, sessions.map(({ token }) => token).join('\n'), { mode: 0o600 })
    return { file, count: sessions.length }
  }
}

const sessionOf = ({ session }: OpenedSession) => session

async function inStore(
  { url }: RunningStore,
  fill: (store: ReturnType<typeof connectStore>) => Promise<void>,
): Promise<void> {
  const store = connectStore({ mode: 'single', urls: [url] }, createLog('bench', 'warn'))
  try {
    await new Promise((resolve) => store.once('ready', resolve))
    await fill(store)
  } finally {
    store.disconnect()
  }
}
