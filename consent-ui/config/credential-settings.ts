import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { isSet } from '../../core/config/secret-variables.ts'
import { origin, secureUrl } from '../../core/config/settings.ts'
import type { IdentityProviderSettings } from '../provider/identity-provider.ts'
import type { TokenExchangeSettings } from '../quilt/token-exchange.ts'

/** Where Quilt credentials come from, and how users sign in. */
export type CredentialSettings =
  | {
      readonly source: 'exchange'
      readonly identityProvider: IdentityProviderSettings
      readonly tokenExchange: TokenExchangeSettings
    }
  | {
      readonly source: 'code'
      /** Without one, the pasted code is the sign-in. */
      readonly identityProvider: IdentityProviderSettings | undefined
      /** Origin of the catalog that hands users over; a pasted code is the way out if it fails. */
      readonly catalog?: string
    }

const source = {
  QUILT_CREDENTIAL_SOURCE: z.enum(['exchange', 'code', 'catalog'], {
    message: 'must be exchange, code or catalog',
  }),
  // Needed with `catalog` only.
  QUILT_CATALOG_ORIGIN: origin.optional(),
}
/** Entra tenants that stand for users of every organisation, whose e-mail addresses nothing verifies. */
const EVERY_ORGANISATION = new Set([
  'common',
  'organizations',
  'consumers',
  // The id of `consumers`.
  '9188040d-6c67-4c5b-b112-36a304b66dad',
])

const identityProvider = {
  OIDC_ISSUER: secureUrl,
  OIDC_CLIENT_ID: z.string(),
  OIDC_CLIENT_SECRET: z.string(),
  /** `assumed` is for a provider that never sends `email_verified` and gives out the addresses itself. */
  OIDC_EMAIL_VERIFIED: z
    .enum(['required', 'assumed'], { message: 'must be required or assumed' })
    .default('required'),
  /** `sid`: those opened from the sign-in that ended; `all`: all of its user. */
  LOGOUT_ENDS_SESSIONS: z.enum(['off', 'sid', 'all'], { message: 'must be off, sid or all' }).default('off'),
}
const tokenExchange = {
  QUILT_TOKEN_EXCHANGE_URL: secureUrl,
  QUILT_TOKEN_EXCHANGE_CLIENT_ID: z.string(),
  QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: z.string(),
}

const exchangeSchema = z
  .object({ ...source, ...identityProvider, ...tokenExchange })
  .superRefine(refuseAssumedOfEveryOrganisation)
const codeSchema = z.object({ ...source, ...identityProvider }).superRefine(refuseAssumedOfEveryOrganisation)
const codeOnlySchema = z.object(source)
/** The catalog's own sign-in is the sign-in. */
const catalogSchema = z
  .object({ ...source, QUILT_CATALOG_ORIGIN: origin, OIDC_ISSUER: z.string().optional() })
  .superRefine(({ OIDC_ISSUER: issuer }, context) => {
    if (issuer === undefined) return
    const message = 'must not be set with QUILT_CREDENTIAL_SOURCE=catalog: the catalog signs users in'
    context.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message })
  })

/** An unknown source is reported as `exchange`. @throws ConfigurationError that lists every problem */
export function readCredentialSettings(environment: Environment): CredentialSettings {
  if (environment.QUILT_CREDENTIAL_SOURCE === 'catalog') {
    const { QUILT_CATALOG_ORIGIN: catalog } = readEnvironment(catalogSchema, environment)
    return { source: 'code', identityProvider: undefined, catalog }
  }
  if (environment.QUILT_CREDENTIAL_SOURCE !== 'code') {
    const env = readEnvironment(exchangeSchema, environment)
    return {
      source: 'exchange',
      identityProvider: identityProviderOf(env),
      tokenExchange: {
        url: env.QUILT_TOKEN_EXCHANGE_URL,
        clientId: env.QUILT_TOKEN_EXCHANGE_CLIENT_ID,
        clientSecret: env.QUILT_TOKEN_EXCHANGE_CLIENT_SECRET,
      },
    }
  }
  // One set variable shows that the operator wants an identity provider, so all are required.
  const wantsOne = Object.keys(identityProvider).some((name) => isSet(name, environment))
  if (!wantsOne) {
    readEnvironment(codeOnlySchema, environment)
    return { source: 'code', identityProvider: undefined }
  }
  const env = readEnvironment(codeSchema, environment)
  return { source: 'code', identityProvider: identityProviderOf(env) }
}

/** In those tenants a user may give their account any address, and `assumed` would sign them in as its owner. */
function refuseAssumedOfEveryOrganisation(
  env: { readonly OIDC_ISSUER: URL; readonly OIDC_EMAIL_VERIFIED: string },
  context: z.RefinementCtx,
): void {
  const tenant = env.OIDC_ISSUER.pathname.split('/').find((segment) => segment !== '') ?? ''
  if (env.OIDC_EMAIL_VERIFIED !== 'assumed' || !EVERY_ORGANISATION.has(tenant.toLowerCase())) return
  context.addIssue({
    code: 'custom',
    path: ['OIDC_EMAIL_VERIFIED'],
    message: `must not be assumed with an issuer of every organisation (/${tenant}): name your own tenant in OIDC_ISSUER`,
  })
}

function identityProviderOf(env: z.output<typeof codeSchema> | z.output<typeof exchangeSchema>) {
  return {
    issuer: env.OIDC_ISSUER,
    clientId: env.OIDC_CLIENT_ID,
    clientSecret: env.OIDC_CLIENT_SECRET,
    emailsAreVerified: env.OIDC_EMAIL_VERIFIED === 'assumed',
    logoutEndsSessions: env.LOGOUT_ENDS_SESSIONS,
  }
}
