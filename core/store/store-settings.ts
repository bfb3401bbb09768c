import { z } from 'zod'
import { isLoopback, onOrOff, redisUrl } from '../config/settings.ts'

export interface StoreSettings {
  /** `single`: one server or its endpoint. `cluster`: a Redis cluster. */
  readonly mode: 'single' | 'cluster'
  /** Of a cluster: some nodes, from which the others are found. They differ only in host and port. */
  readonly urls: readonly [string, ...string[]]
}

export const storeVariables = {
  REDIS_URL: z.string().transform((text, context): StoreSettings['urls'] => {
    const [first = '', ...others] = text.split(',').map((url) => url.trim())
    for (const url of [first, ...others]) {
      const problem = redisUrl.safeParse(url).error?.issues[0]?.message
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }
    return [first, ...others]
  }),
  /** Accepts a remote Redis without TLS or without a password. */
  REDIS_PLAINTEXT: onOrOff,
  REDIS_MODE: z.enum(['single', 'cluster'], { message: 'must be single or cluster' }).default('single'),
}

type StoreEnvironment = z.output<z.ZodObject<typeof storeVariables>>

export function storeSettings({ REDIS_MODE: mode, REDIS_URL: urls }: StoreEnvironment): StoreSettings {
  return { mode, urls }
}

export function checkStoreVariables(environment: StoreEnvironment, context: z.RefinementCtx): void {
  const { REDIS_MODE: mode, REDIS_URL: urls } = environment
  const addIssue = (message: string): void => context.addIssue({ code: 'custom', message })
  if (!environment.REDIS_PLAINTEXT) urls.flatMap(unprotected).slice(0, 1).forEach(addIssue)
  if (mode === 'single') {
    if (urls.length > 1) addIssue('REDIS_URL names several nodes; set REDIS_MODE=cluster')
    return
  }
  if (urls.some((url) => url.startsWith('unix:')))
    addIssue('REDIS_URL of a cluster must be redis:// or rediss://')
  else if (new Set(urls.map(withoutHost)).size > 1) {
    addIssue('REDIS_URL must name nodes with the same scheme, user name and password')
  } else if (urls.some((url) => !['', '/', '/0'].includes(new URL(url).pathname))) {
    addIssue('REDIS_URL names a database, but a cluster has only one; remove it')
  }
}

/**
 * Without TLS an attacker on the network reads the password and every session; without a password every machine on the
 * network reads and writes sessions.
 */
function unprotected(text: string): string[] {
  if (text.startsWith('unix:')) return []
  const { protocol, hostname, password } = new URL(text)
  if (isLoopback(hostname) || (protocol === 'rediss:' && password !== '')) return []
  const missing = [...(protocol === 'rediss:' ? [] : ['TLS']), ...(password === '' ? ['a password'] : [])]
  return [
    `REDIS_URL is remote and without ${missing.join(' and ')}; write rediss://:password@host, or set REDIS_PLAINTEXT=true`,
  ]
}

function withoutHost(text: string): string {
  const url = new URL(text)
  url.host = 'host:1'
  return url.href
}
