import { z } from 'zod'
import { parseAllowedHosts, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { isLoopback } from '../../core/config/settings.ts'
import { redirectUriFault } from '../oauth/redirect-uri.ts'
import type { Client } from '../clients/client.ts'
import { configuredClients } from '../clients/configured-clients.ts'
import { documentUrlFault, type ClientHosts } from '../clients/document-hosts.ts'
import { DEFAULT_CLIENT_HOSTS } from '../clients/pinned-documents.ts'

export interface ClientSettings {
  /** Where redirect URIs may lead; empty when Connect is off. */
  readonly allowedHosts: AllowedHosts
  readonly configured: readonly Client[]
  readonly clientHosts: ClientHosts
  /** True if documents may be fetched from this machine and its private networks. */
  readonly fetchesFromAnywhere: boolean
}

const NO_WILDCARD =
  'has a wildcard: write .example.com for every subdomain of example.com, and name the others'

/** An empty list switches Connect off, as Quilt documents it for ConnectAllowedHosts. */
const allowedHosts = z
  .string()
  .default('')
  .refine((text) => !text.includes('*'), { message: NO_WILDCARD })
  .transform(parseAllowedHosts)

const clientHosts = z
  .string()
  .default(DEFAULT_CLIENT_HOSTS)
  .transform((text, context): ClientHosts => {
    const entries = text
      .split(',')
      .map((entry) => entry.trim())
      .map((entry) => (isDocumentUrl(entry) ? entry : entry.toLowerCase()))
      .filter((entry) => entry !== '')
    entries.forEach((entry, index) => {
      if (isDocumentUrl(entry) || /^[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?$/.test(entry)) return
      const message = `entry ${index + 1} must be a host such as claude.ai, host:port, or the https URL of one document`
      context.addIssue({ code: 'custom', message })
    })
    return new Set(entries.map((entry) => entry.replace(/:443$/, '')))
  })

function isDocumentUrl(entry: string): boolean {
  return documentUrlFault(entry) === undefined
}

const schema = z
  .object({
    // The shared schema checks it; here it only tells whether this is a trial on localhost.
    CONNECT_ORIGIN: z.string().default(''),
    CONNECT_ALLOWED_HOSTS: allowedHosts,
    CONNECT_CLIENTS: configuredClients.default([]),
    // Hosts and URLs of client ID metadata documents, beside the hosts of CONNECT_ALLOWED_HOSTS.
    CONNECT_CLIENT_HOSTS: clientHosts,
    // `any` also reaches this machine and its private networks, for trials only.
    CONNECT_CLIENT_ADDRESSES: z
      .enum(['public', 'any'], { message: 'must be public or any' })
      .default('public'),
  })
  .superRefine((environment, context) => {
    const isHere = isLoopback(URL.parse(environment.CONNECT_ORIGIN)?.hostname ?? '')
    if (environment.CONNECT_CLIENT_ADDRESSES === 'any' && !isHere) {
      const message = 'must be public, unless CONNECT_ORIGIN is localhost'
      context.addIssue({ code: 'custom', path: ['CONNECT_CLIENT_ADDRESSES'], message })
    }
    environment.CONNECT_CLIENTS.forEach(({ redirectUris }, index) => {
      for (const uri of redirectUris) {
        const fault = redirectUriFault(uri, environment.CONNECT_ALLOWED_HOSTS)
        if (fault === undefined) continue
        const message = `client ${index + 1} has a redirect URI that ${fault}`
        context.addIssue({ code: 'custom', path: ['CONNECT_CLIENTS'], message })
      }
    })
  })

/** @throws ConfigurationError that lists every problem */
export function readClientSettings(environment: Environment): ClientSettings {
  const env = readEnvironment(schema, environment)
  return {
    allowedHosts: env.CONNECT_ALLOWED_HOSTS,
    configured: env.CONNECT_CLIENTS,
    clientHosts: env.CONNECT_CLIENT_HOSTS,
    fetchesFromAnywhere: env.CONNECT_CLIENT_ADDRESSES === 'any',
  }
}
