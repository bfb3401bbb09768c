import { z } from 'zod'
import { isIpv6, parseAddress } from '../network/ip-address.ts'

export type ListenAddress = { readonly path: string } | { readonly host: string; readonly port: number }

export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true
  const address = parseAddress(hostname)
  return address !== undefined && !isIpv6(address) && address.range() === 'loopback'
}

/** Of a URL's `hostname`: an IPv6 address without its brackets, as sockets take it. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** An https URL; plain http only on this machine, where it crosses no network. */
export const secureUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'must be a URL such as https://registry.example.com' })
    return z.NEVER
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    context.addIssue({ code: 'custom', message: 'must be https (plain http is for localhost only)' })
    return z.NEVER
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    context.addIssue({ code: 'custom', message: 'must not have a user name, a password or a fragment' })
    return z.NEVER
  }
  return url
})

/** An origin in one spelling: the issuer is compared byte for byte (RFC 8414 section 3.3). */
export const origin = secureUrl.transform((url, context) => {
  if (url.pathname !== '/' || url.search !== '') {
    context.addIssue({
      code: 'custom',
      message: 'must be an origin such as https://connect.example.com, without path or query',
    })
    return z.NEVER
  }
  return url.origin
})

/** `unix:/run/connect/x.sock`, or `127.0.0.1:3000`. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  if (/^unix:\/./.test(text)) return { path: text.slice('unix:'.length) }
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:/]+):(\d{1,5})$/.exec(text) ?? []
  if (host !== undefined && Number(port) <= 65_535) {
    return { host: bareHost(host), port: Number(port) }
  }
  context.addIssue({ code: 'custom', message: 'must be unix:/absolute/path or host:port' })
  return z.NEVER
})

export function isPrivateAddress(address: ListenAddress): boolean {
  return 'path' in address || address.host === '::1' || isLoopback(address.host)
}

export const privateListenAddress = listenAddress.refine(isPrivateAddress, {
  message: 'must be a Unix socket, or an address of this machine such as 127.0.0.1:9000',
})

/** Where a process serves its metrics, which show how many users use which application, and when. */
export const metricsListen = privateListenAddress.optional()

export const onOrOff = z
  .enum(['true', 'false'], { message: 'must be true or false' })
  .default('false')
  .transform((value) => value === 'true')

export const absolutePath = z
  .string()
  .regex(/^\/[^\0]+$/, { message: 'must be an absolute path such as /run/connect/x.sock' })

/** `redis://`, `rediss://` or `unix:/path/to.sock`. */
export const redisUrl = z.string().refine(isRedisUrl, {
  message: 'must be redis://host:port, rediss://host:port or unix:/absolute/path',
})

function isRedisUrl(text: string): boolean {
  if (text.startsWith('unix:')) return /^unix:\/./.test(text)
  const url = URL.parse(text)
  return url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== ''
}

export function seconds(minimum: number, maximum: number) {
  return wholeNumber('seconds', minimum, maximum)
}

/** Seconds, or `off` as 0. */
export function secondsOrOff(minimum: number, maximum: number) {
  return z.union([z.literal('off').transform(() => 0), seconds(minimum, maximum)], {
    message: `must be a whole number of seconds from ${minimum} to ${maximum}, or off`,
  })
}

export function days(minimum: number, maximum: number) {
  return wholeNumber('days', minimum, maximum)
}

export function wholeNumber(unit: string, minimum: number, maximum: number) {
  const message = `must be a whole number of ${unit} from ${minimum} to ${maximum}`
  return z
    .string()
    .regex(/^\d{1,9}$/, { message })
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { message })
}

/** A day or a moment in UTC, `2027-01-31` or `2027-01-31T12:00:00Z`, as seconds since 1970. */
export const instant = z.string().transform((text, context): number => {
  const milliseconds = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(text) ? Date.parse(text) : NaN
  // Date.parse reads 31 February as 3 March.
  const isReal =
    Number.isFinite(milliseconds) && new Date(milliseconds).toISOString().startsWith(text.replace(/Z$/, ''))
  if (isReal) return milliseconds / 1000
  context.addIssue({ code: 'custom', message: 'must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z' })
  return z.NEVER
})

export const logLevel = z.enum(['debug', 'info', 'warn', 'error'], {
  message: 'must be debug, info, warn or error',
})
