import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { isLoopback } from '../../../core/config/settings.ts'
import type { Service } from '../../../core/services/service.ts'
import { aboutPart, type Finding, type Probe } from './finding.ts'

const DAY_MS = 86_400_000
const MIN_CERTIFICATE_DAYS = 14

/**
 * Connects to each service as Envoy does, and sends no request.
 *
 * @param trustedCa - Envoy's file of authorities; those of Node if unknown
 */
export function serviceProbes(services: readonly Service[], trustedCa: string | undefined): readonly Probe[] {
  return services.map((service) => ({
    part: `service ${service.name}`,
    fix: `compare upstream of ${service.name} in CONNECT_SERVICES; check that it runs, its certificate and network rules`,
    ask: ({ signal }) => checkService(service, trustedCa, signal),
  }))
}

async function checkService(
  { name, upstream: { url } }: Service,
  trustedCa: string | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { ok, warning } = aboutPart(`service ${name}`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'https:') {
    const ca = trustedCa === undefined ? {} : { ca: readFileSync(trustedCa) }
    const sni = isIP(host) === 0 ? { servername: host } : {}
    using socket = disposable(connectTls({ host, port: Number(url.port || 443), ...ca, ...sni }))
    await once(socket.connection, 'secureConnect', { signal })
    const days = certificateDays(socket.connection)
    const text = `${url.host} answers, TLS, certificate for ${days} more days`
    return [days < MIN_CERTIFICATE_DAYS ? warning(text, 'renew its certificate') : ok(text)]
  }
  using socket = disposable(connectPlain({ host, port: Number(url.port || 80) }))
  await once(socket.connection, 'connect', { signal })
  if (isLoopback(url.hostname)) return [ok(`${url.host} answers`)]
  return [
    warning(
      `${url.host} answers, without TLS: the network can read Quilt credentials`,
      'give the service https',
    ),
  ]
}

/** Closes the connection at the end of its block. */
function disposable<Connection extends Socket>(connection: Connection) {
  return { connection, [Symbol.dispose]: () => void connection.destroy() }
}

function certificateDays(socket: TLSSocket): number {
  return Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / DAY_MS)
}
