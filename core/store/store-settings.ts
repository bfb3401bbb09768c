import { z } from 'zod'
import { isLoopback, onOrOff, redisUrl } from '../config/settings.ts'

/** Where the store is. */
export interface StoreSettings {
  /** `single`: one server, or an endpoint that leads to it. `cluster`: a Redis cluster. */
  readonly mode: 'single' | 'cluster'
  /** Of a cluster, the nodes that tell where the others are; alike but for host and port. */
  readonly urls: readonly [string, ...string[]]
}

/** The variables that both services read the store's place from. */
export const storeVariables = {
  /** Several nodes of a cluster are separated by commas. */
  REDIS_URL: z.string().transform((text, context): StoreSettings['urls'] => {
    const [first = '', ...others] = text.split(',').map((url) => url.trim())
    for (const url of [first, ...others]) {
      const problem = redisUrl.safeParse(url).error?.issues[0]?.message
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }
    return [first, ...others]
  }),
  /** Accepts a store beyond this machine without TLS or without a password. */
  REDIS_PLAINTEXT: onOrOff,
  REDIS_MODE: z.enum(['single', 'cluster'], { message: 'must be single or cluster' }).default('single'),
}

type StoreEnvironment = z.output<z.ZodObject<typeof storeVariables>>

export function storeSettings({ REDIS_MODE: mode, REDIS_URL: urls }: StoreEnvironment): StoreSettings {
  return { mode, urls }
}

/** What the two variables must agree on; for `superRefine` of the schema that holds them. */
export function checkStoreVariables(environment: StoreEnvironment, context: z.RefinementCtx): void {
  const { REDIS_MODE: mode, REDIS_URL: urls } = environment
  const complain = (message: string): void => context.addIssue({ code: 'custom', message })
  if (!environment.REDIS_PLAINTEXT) urls.flatMap(unprotected).slice(0, 1).forEach(complain)
  if (mode === 'single') {
    if (urls.length > 1) complain('REDIS_URL names several nodes: REDIS_MODE must be cluster')
    return
  }
  if (urls.some((url) => url.startsWith('unix:')))
    complain('REDIS_URL of a cluster must be redis:// or rediss://')
  else if (new Set(urls.map(withoutHost)).size > 1) {
    complain('REDIS_URL must name nodes of one scheme, user name and password')
  } else if (urls.some((url) => !['', '/', '/0'].includes(new URL(url).pathname))) {
    complain('REDIS_URL names a database: a cluster has one alone')
  }
}

/**
 * What a store on a network lacks. Without TLS the password and every session cross the network in the clear;
 * without a password everything on that network can read and write sessions.
 */
function unprotected(text: string): string[] {
  if (text.startsWith('unix:')) return []
  const { protocol, hostname, password } = new URL(text)
  if (isLoopback(hostname) || (protocol === 'rediss:' && password !== '')) return []
  const missing = [...(protocol === 'rediss:' ? [] : ['TLS']), ...(password === '' ? ['a password'] : [])]
  return [
    `REDIS_URL leads beyond this machine without ${missing.join(' and ')}: write rediss://:password@host, or set REDIS_PLAINTEXT=true`,
  ]
}

function withoutHost(text: string): string {
  const url = new URL(text)
  url.host = 'host:1'
  return url.href
}
