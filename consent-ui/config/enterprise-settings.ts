import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { secureUrl } from '../../core/config/settings.ts'
import { parseJson } from '../../core/http/parse-json.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { Client } from '../clients/client.ts'
import { configuredClients } from '../clients/configured-clients.ts'
import { documentUrlFault } from '../clients/document-hosts.ts'

/** Enterprise-managed authorization: clients that connect users without a consent page. */
export interface EnterpriseSettings {
  /** Of the identity provider that signs the identity assertions. */
  readonly issuer: URL
  /** Accepts an e-mail address without `email_verified`. */
  readonly emailsAreVerified: boolean
  /** The organisation's, at an identity provider that signs for several under one issuer. */
  readonly tenant: string | undefined
  /** Allowed clients by id, with the access of their sessions. */
  readonly clients: ReadonlyMap<string, Access>
}

const MAX_CLIENT_ID_CHARACTERS = 2048

const entrySchema = z.strictObject({
  client_id: z.string().min(1).max(MAX_CLIENT_ID_CHARACTERS),
  access: z.enum(['read', 'full']).default('read'),
})

const RULES: Readonly<Record<string, string>> = {
  client_id: 'must be the id of the client',
  access: 'must be read or full',
}

/** Schema of `ENTERPRISE_CLIENTS`: a JSON list `[{"client_id",("access")}]`. Messages never quote a value. */
const enterpriseClients = z.string().transform((text, context): ReadonlyMap<string, Access> => {
  const { success, data, error } = z.array(entrySchema).safeParse(parseJson(text))
  for (const issue of error?.issues ?? []) context.addIssue({ code: 'custom', message: describe(issue) })
  if (!success) return z.NEVER
  if (data.length === 0) context.addIssue({ code: 'custom', message: 'is an empty list; leave it out' })
  const clients = new Map(data.map(({ client_id: id, access }) => [id, access]))
  if (clients.size < data.length) {
    context.addIssue({ code: 'custom', message: 'has two entries with the same client_id' })
  }
  return clients
})

const schema = z
  .object({
    ENTERPRISE_CLIENTS: enterpriseClients.optional(),
    // The issuer of identity assertions, if it is another than OIDC_ISSUER (Okta: the organisation's own server).
    ENTERPRISE_ISSUER: secureUrl.optional(),
    ENTERPRISE_TENANT: z.string().optional(),
    // Other schemas check these.
    CONNECT_CLIENTS: configuredClients.default([]),
    QUILT_CREDENTIAL_SOURCE: z.string().default(''),
    OIDC_ISSUER: z.string().default(''),
    OIDC_EMAIL_VERIFIED: z.string().default(''),
  })
  .superRefine(checkClients)
  .superRefine(refuseWithoutEffect)

interface Variables {
  readonly ENTERPRISE_CLIENTS?: ReadonlyMap<string, Access> | undefined
  readonly ENTERPRISE_ISSUER?: URL | undefined
  readonly ENTERPRISE_TENANT?: string | undefined
  readonly CONNECT_CLIENTS: readonly Client[]
  readonly QUILT_CREDENTIAL_SOURCE: string
}

/** @returns undefined if it is off. @throws ConfigurationError that lists every problem */
export function readEnterpriseSettings(environment: Environment): EnterpriseSettings | undefined {
  const env = readEnvironment(schema, environment)
  const issuer = env.ENTERPRISE_ISSUER ?? URL.parse(env.OIDC_ISSUER)
  // Without an issuer the schema of the identity provider reports the problem.
  if (env.ENTERPRISE_CLIENTS === undefined || issuer === null) return undefined
  return {
    issuer,
    emailsAreVerified: env.OIDC_EMAIL_VERIFIED === 'assumed',
    tenant: env.ENTERPRISE_TENANT,
    clients: env.ENTERPRISE_CLIENTS,
  }
}

/** Only the Registry turns an assertion into a Quilt credential, and only for clients that can authenticate. */
function checkClients(env: Variables, context: z.RefinementCtx): void {
  if (env.ENTERPRISE_CLIENTS === undefined) return
  const problem = (message: string): void =>
    context.addIssue({ code: 'custom', path: ['ENTERPRISE_CLIENTS'], message })
  if (env.QUILT_CREDENTIAL_SOURCE !== 'exchange') problem('needs QUILT_CREDENTIAL_SOURCE=exchange')
  ;[...env.ENTERPRISE_CLIENTS.keys()].forEach((id, index) => {
    const configured = env.CONNECT_CLIENTS.find((client) => client.id === id)
    if (configured?.authentication.method === 'none') {
      problem(`entry ${index + 1} is a public client; give it secret_sha256 in CONNECT_CLIENTS`)
    } else if (configured === undefined && documentUrlFault(id) !== undefined) {
      problem(`entry ${index + 1} must be a client of CONNECT_CLIENTS, or the https URL of a client document`)
    }
  })
}

function refuseWithoutEffect(env: Variables, context: z.RefinementCtx): void {
  if (env.ENTERPRISE_CLIENTS !== undefined) return
  for (const name of ['ENTERPRISE_ISSUER', 'ENTERPRISE_TENANT'] as const) {
    if (env[name] === undefined) continue
    const message = 'has no effect without ENTERPRISE_CLIENTS; set both or neither'
    context.addIssue({ code: 'custom', path: [name], message })
  }
}

function describe({ path: [index, member] }: z.core.$ZodIssue): string {
  if (typeof index !== 'number') return 'must be a JSON list such as [{"client_id":"lab","access":"read"}]'
  const rule = RULES[String(member)]
  if (rule === undefined) return `entry ${index + 1} must have only client_id and access`
  return `entry ${index + 1}: ${String(member)} ${rule}`
}
