import { z } from 'zod'
import { bareHost, isLoopback } from '../config/settings.ts'

/** A syslog server, by RFC 5424 over TCP or TLS. */
export interface SyslogTarget {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

/** Where audit lines go. */
export type AuditTarget =
  | 'stdout'
  | { readonly path: string }
  | { readonly syslog: SyslogTarget }
  | { readonly url: URL; readonly headers?: Readonly<Record<string, string>> }

/** Takes lines. */
export interface AuditWriter {
  /** True if an outage is usual: events wait in memory then, and requests go on while there is room. */
  readonly isRemote: boolean
  /** After a failure it is called again with the same lines. @throws if the target did not take them */
  write(lines: readonly string[]): Promise<void>
  close(): Promise<void>
}

const FORMS =
  'must be off, stdout, file:/absolute/path, https://collector/path, syslog+tls://host:port, or on this machine http:// or syslog+tcp://'

/** Schema of `AUDIT_LOG`. Lines hold names and addresses of people, so they cross a network in TLS only. */
export const auditTarget = z
  .string()
  .default('off')
  .transform((text, context): AuditTarget | 'off' => {
    if (text === 'off' || text === 'stdout') return text
    if (/^file:\/[^\0]+$/.test(text)) return { path: text.slice('file:'.length) }
    const target = remoteTarget(text)
    if (target !== undefined) return target
    context.addIssue({ code: 'custom', message: FORMS })
    return z.NEVER
  })

function remoteTarget(text: string): AuditTarget | undefined {
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || `${url.username}${url.password}${url.hash}` !== '')
    return undefined
  switch (url.protocol) {
    case 'https:':
      return { url }
    case 'http:':
      return isLoopback(url.hostname) ? { url } : undefined
    case 'syslog+tls:':
      return syslogTarget(url, { isTls: true })
    case 'syslog+tcp:':
      return isLoopback(url.hostname) ? syslogTarget(url, { isTls: false }) : undefined
    default:
      return undefined
  }
}

function syslogTarget(url: URL, { isTls }: { readonly isTls: boolean }): AuditTarget | undefined {
  if (url.port === '' || !['', '/'].includes(`${url.pathname}${url.search}`)) return undefined
  return { syslog: { host: bareHost(url.hostname), port: Number(url.port), isTls } }
}

const HEADER_NAME = /^[\w-]{1,100}$/
const HEADER_VALUE = /^[\x20-\x7e]{1,4096}$/

/** Schema of `AUDIT_LOG_HEADERS`: a JSON object of header names and values. */
export const auditHeaders = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const headers = parseHeaders(text)
  const names = Object.keys(headers ?? {})
  if (headers !== undefined && names.length > 0) return headers
  context.addIssue({
    code: 'custom',
    message: 'must be a JSON object of header names and values such as {"authorization":"Bearer …"}',
  })
  return z.NEVER
})

const headerList = z.record(z.string().regex(HEADER_NAME), z.string().regex(HEADER_VALUE))

function parseHeaders(text: string): Record<string, string> | undefined {
  try {
    return headerList.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
