import { z } from 'zod'
import { isLoopback, onOrOff, redisUrl } from '../config/settings.ts'

export interface StoreSettings {
  /** `single`: one server or its endpoint. `cluster`: a Redis cluster. */
  readonly mode: 'single' | 'cluster'
  /** Of a cluster: some nodes, from which the others are found. They differ only in host and port. */
  readonly urls: readonly [string, ...string[]]
  /** REDIS_USERNAME and REDIS_PASSWORD, in place of those in the URLs. */
  readonly credentials?: StoreCredentials
}

export interface StoreCredentials {
  readonly username?: string
  readonly password?: string
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
  // ECS cannot write a secret into a URL.
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  /** Accepts a remote Redis without TLS or without a password. */
  REDIS_PLAINTEXT: onOrOff,
  REDIS_MODE: z.enum(['single', 'cluster'], { message: 'must be single or cluster' }).default('single'),
}

type StoreEnvironment = z.output<z.ZodObject<typeof storeVariables>>

export function storeSettings(environment: StoreEnvironment): StoreSettings {
  const {
    REDIS_MODE: mode,
    REDIS_URL: urls,
    REDIS_USERNAME: username,
    REDIS_PASSWORD: password,
  } = environment
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
  return { mode, urls, ...(Object.keys(credentials).length === 0 ? {} : { credentials }) }
}

export function checkStoreVariables(environment: StoreEnvironment, context: z.RefinementCtx): void {
  const { REDIS_MODE: mode, REDIS_URL: urls } = environment
  const addIssue = (message: string): void => context.addIssue({ code: 'custom', message })
  credentialProblems(environment).forEach(addIssue)
  if (!environment.REDIS_PLAINTEXT) {
    const hasPassword = environment.REDIS_PASSWORD !== undefined
    urls
      .flatMap((url) => unprotected(url, hasPassword))
      .slice(0, 1)
      .forEach(addIssue)
  }
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

/** A credential has one place, so that a rotation changes all of it. */
function credentialProblems({
  REDIS_URL: urls,
  REDIS_USERNAME: username,
  REDIS_PASSWORD: password,
}: StoreEnvironment): string[] {
  const written = urls.filter((url) => !url.startsWith('unix:')).map((url) => new URL(url))
  const problems: string[] = []
  if (username !== undefined && written.some((url) => url.username !== ''))
    problems.push('REDIS_USERNAME and REDIS_URL both have a user name; remove it from REDIS_URL')
  if (password !== undefined && written.some((url) => url.password !== ''))
    problems.push('REDIS_PASSWORD and REDIS_URL both have a password; remove it from REDIS_URL')
  // Without a password the client would not authenticate at all.
  if (username !== undefined && password === undefined && written.every((url) => url.password === ''))
    problems.push('REDIS_USERNAME is set without a password; set REDIS_PASSWORD')
  return problems
}

/**
 * Without TLS an attacker on the network reads the password and every session; without a password every machine on the
 * network reads and writes sessions.
 */
function unprotected(text: string, hasPassword: boolean): string[] {
  if (text.startsWith('unix:')) return []
  const { protocol, hostname, password } = new URL(text)
  const missing = [
    ...(protocol === 'rediss:' ? [] : ['TLS']),
    ...(hasPassword || password !== '' ? [] : ['a password']),
  ]
  if (isLoopback(hostname) || missing.length === 0) return []
  return [
    `REDIS_URL is remote and without ${missing.join(' and ')}; write rediss://host and set REDIS_PASSWORD, or set REDIS_PLAINTEXT=true`,
  ]
}

function withoutHost(text: string): string {
  const url = new URL(text)
  url.host = 'host:1'
  return url.href
}
