import type { Audit } from '../core/audit/audit-entry.ts'
import type { Controls } from '../core/controls/control-follower.ts'
import type { BackgroundWork } from './http/background-work.ts'
import type { Log } from '../core/log/log.ts'
import { ControlStore } from '../core/controls/control-store.ts'
import { signedFor } from '../core/keys/signing-mark.ts'
import type { Service } from '../core/services/service.ts'
import { SessionIndex } from '../core/sessions/session-index.ts'
import { readSessionDetails } from '../core/sessions/session-details.ts'
import { SessionStore } from '../core/sessions/session-store.ts'
import type { Store } from '../core/store/redis.ts'
import type { Rollbacks } from '../core/store/rollback-guard.ts'
import { verificationKeys } from '../core/tokens/verification-keys.ts'
import { Connections } from './admin/connections.ts'
import { EndConnections } from './admin/end-connections.ts'
import { Answers } from './authorize/answers.ts'
import { CodeForm } from './authorize/code-form.ts'
import { CodeIssuer } from './authorize/code-issuer.ts'
import { ConsentForm } from './authorize/consent-form.ts'
import { EarlierConsents } from './authorize/earlier-consents.ts'
import { EarlyCredentials } from './authorize/early-credentials.ts'
import { HeldCredentials } from './authorize/held-credentials.ts'
import { LoginAttempts } from './authorize/login-attempts.ts'
import { PagelessAnswers } from './authorize/pageless-answers.ts'
import { PastedCodes } from './authorize/pasted-codes.ts'
import { ShownFacts } from './authorize/shown-facts.ts'
import { browserCookies } from './browser/browser-cookie.ts'
import type { CallerUse } from './callers/caller-keys.ts'
import { checkRedirect } from './check/connection-check.ts'
import { createClients } from './clients/create-clients.ts'
import type { Reach } from './clients/fetch-json.ts'
import type { Config } from './config/config.ts'
import { EnterpriseClients } from './enterprise/enterprise-clients.ts'
import { assertionCheck } from './enterprise/identity-assertion.ts'
import { CatalogSessions } from './authorize/catalog/catalog-sessions.ts'
import { Health } from './health/health.ts'
import { LastOutcome } from './health/last-outcome.ts'
import type { Notices } from './notices/notices.ts'
import { publicKeySet, signingKey } from './keys/signing-keys.ts'
import { SIGN_IN_SECONDS } from './lifetimes.ts'
import { RateLimits } from './limits/limits.ts'
import { RateLimiter } from './limits/rate-limiter.ts'
import type { ConsentUiMetrics } from './metrics/consent-ui-metrics.ts'
import type { RecordAlarms } from './metrics/record-alarms.ts'
import type { ReplayAlarms } from './metrics/replay-alarms.ts'
import { resourceLookup } from './oauth/resource.ts'
import { ProviderLogouts } from './logout/provider-logouts.ts'
import { ProviderKeys } from './provider/provider-keys.ts'
import { askingQuiltUser } from './quilt/administrators.ts'
import { createCredentialProvider } from './quilt/credential-provider.ts'
import type { Logouts } from './quilt/logouts.ts'
import { createRegistry } from './quilt/registry.ts'
import { roleQuery } from './quilt/ask-role.ts'
import { ToolLists } from './quilt/tool-lists.ts'
import type { UnusedCredentials } from './quilt/unused-credentials.ts'
import { AdminSessions } from './sessions/admin-sessions.ts'
import type { SessionEnder } from './sessions/session-ender.ts'
import { AssertedConnections } from './store/asserted-connections.ts'
import { Approvals } from './store/approvals.ts'
import { AssertionStore } from './store/assertion-store.ts'
import { BrowserStore } from './store/browser-store.ts'
import { CodeStore } from './store/code-store.ts'
import { ConsentStore } from './store/consent-store.ts'
import { ContestedSessions } from './store/contested-sessions.ts'
import { EndedSessions } from './store/ended-sessions.ts'
import { HandOffStore } from './store/hand-off-store.ts'
import { HeldStore } from './store/held-store.ts'
import { LinkStore } from './store/link-store.ts'
import { LoginAttemptStore } from './store/login-attempt-store.ts'
import { MintedTokens } from './store/minted-tokens.ts'
import { PersonSessions } from './store/person-sessions.ts'
import { ProviderSessions } from './store/provider-sessions.ts'
import { RenewalFailureStore } from './store/renewal-failures.ts'
import { SessionLists } from './store/session-lists.ts'
import { SignedRecords } from './store/signed-records.ts'
import { TransactionStore } from './store/transaction-store.ts'
import { AssertedSessions } from './token/asserted-sessions.ts'
import { AssertionGrant } from './token/assertion-grant.ts'
import { CodeGrant } from './token/code-grant.ts'
import { CredentialRenewal } from './token/credential-renewal.ts'
import { CurrentCredentials } from './token/current-credentials.ts'
import { RefreshGrant } from './token/refresh-grant.ts'
import { RefreshTokens } from './token/refresh-rotation.ts'
import { TokenResponses } from './token/token-responses.ts'
import { UserStatusCheck } from './token/user-status-check.ts'

/** What the application needs beside its configuration. */
export interface AppDependencies {
  readonly store: Store
  readonly rollbacks: Rollbacks
  readonly controls: Controls
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly unused: UnusedCredentials
  readonly inBackground: BackgroundWork
  readonly notices: Notices
  readonly alarms: ReplayAlarms
  readonly recordAlarms: RecordAlarms
  readonly metrics: ConsentUiMetrics
  readonly services: readonly Service[]
  readonly audit: Audit
  readonly log: Log
  /** How clients' documents and keys are fetched; from the public network by default. */
  readonly reach?: Reach
  /** Seconds since 1970. */
  readonly now: () => number
}

export type Wired = ReturnType<typeof wire>

/** Builds everything that the endpoints use, once. */
export function wire(config: Config, dependencies: AppDependencies) {
  const basics = { ...wireStores(config, dependencies), ...wireQuilt(config, dependencies) }
  return {
    ...basics,
    catalogSessions: new CatalogSessions(basics),
    providerLogouts: new ProviderLogouts(basics),
    ...wireAuthorize(basics),
    ...wireToken(config, basics),
    ...wireAdmin({ ...basics, store: dependencies.store }),
  }
}

function wireStores(config: Config, { store, rollbacks, ...dependencies }: AppDependencies) {
  const { origin, registryUrl, sealingKeys: ring } = config
  const { recordAlarms: alarms, metrics, now, log } = dependencies
  const sessions = new SessionStore(store, rollbacks)
  const lists = {
    personSessions: new PersonSessions(store, origin),
    sessionIndex: new SessionIndex(store, origin),
  }
  const usedAssertions = new AssertionStore(store, rollbacks)
  const providerSessions = new ProviderSessions({ store, ring, origin })
  const records = new SignedRecords({ ring, unsignedUntil: config.unsignedRecordsUntil, alarms, now })
  return {
    ...dependencies,
    store,
    ring,
    sessions,
    readDetails: (id: string) => readSessionDetails(store, id),
    cookies: browserCookies(origin),
    providerSessions,
    browsers: new BrowserStore(store, ring, providerSessions),
    transactions: new TransactionStore(store, records),
    attempts: new LoginAttemptStore(store, ring),
    ...lists,
    sessionLists: new SessionLists({ ...lists, registryUrl, now }),
    contested: new ContestedSessions(store, { sessions, origin, registry: registryUrl.origin }),
    renewalFailures: new RenewalFailureStore(store),
    assertedConnections: new AssertedConnections(store, origin),
    handOffs: new HandOffStore(store, ring),
    minted: new MintedTokens(store),
    usedAssertions,
    ...createClients(config, { ...dependencies, used: usedAssertions }),
    held: new HeldStore(store, ring),
    links: new LinkStore({ store, records, origin }),
    approvals: new Approvals(store, ring, origin),
    endedSessions: new EndedSessions(store, { origin, registry: registryUrl.origin, now, log }),
    codes: new CodeStore(sessions, ring),
    consents: new ConsentStore(store, ring),
    limits: new RateLimits({
      limiter: new RateLimiter({ store, ring, metrics, log }, config.rateLimits),
      exempt: config.sharedEgress,
      log,
    }),
    isSigning: async (keyId: string) => (await signedFor(store, origin, keyId)) > 0,
  }
}

function wireQuilt(config: Config, { services, store, metrics, inBackground, now, log }: AppDependencies) {
  const { origin, issuer, registryUrl, lifetimes, accessTokenSeconds, egressRanges } = config
  const allowedHosts = [...config.clients.allowedHosts, checkRedirect(origin)]
  const { identityProvider } = config.credential
  const { logoutEndsSessions = 'off' } = identityProvider ?? {}
  const { keys } = publicKeySet(config.signingKeys)
  const callbackUrl = `${origin}/connect/callback`
  const outcomes = { identityProvider: new LastOutcome(now), registry: new LastOutcome(now) }
  const observers = {
    identityProvider: metrics.outgoing.to('identity_provider', outcomes.identityProvider),
    registry: metrics.outgoing.to('registry', outcomes.registry),
  }
  const catalog = config.credential.source === 'code' ? config.credential.catalog : undefined
  const quilt = { registryUrl, callbackUrl, now, observers }
  const provider = createCredentialProvider(config.credential, {
    ...quilt,
    ...(catalog === undefined ? {} : { minted: new MintedTokens(store) }),
  })
  const hasKeyFor = (use: CallerUse): boolean => config.callerKeys.some((key) => key.use === use)
  const hasIdentityProvider = provider.identityProvider !== undefined
  return {
    origin,
    issuer,
    // The Python SDK refuses an `iss` with a default port.
    iss: issuer === origin ? issuer : undefined,
    allowedHosts,
    callerKeys: config.callerKeys,
    accessTokenSeconds,
    egressRanges,
    lifetimes,
    callbackUrl,
    registryUrl,
    serviceOf: resourceLookup(origin, services),
    provider,
    catalog,
    observers,
    logoutEndsSessions,
    // Connect sessions outlive the sign-in that opened them.
    providerSessionSeconds: logoutEndsSessions === 'off' ? SIGN_IN_SECONDS : lifetimes.maxSeconds,
    providerKeys:
      identityProvider === undefined
        ? undefined
        : new ProviderKeys({ issuer: identityProvider.issuer, observer: observers.identityProvider, now }),
    registry: createRegistry(registryUrl, observers.registry),
    // Not the observer of /healthz: what it asks is only shown.
    askRole: roleQuery(registryUrl, metrics.outgoing.to('registry')),
    toolLists: new ToolLists({ inBackground, log, now }),
    health: new Health({ store, outcomes, hasIdentityProvider }),
    tokenIssuer: { issuer, ...signingKey(config.signingKeys) },
    keys: verificationKeys({ keys: [...keys] }),
    hasAdminPage: config.hasAdminPage,
    acceptsAdministrators: config.hasAdminPage,
    askQuiltUser: askingQuiltUser(registryUrl, observers.registry),
    discovery: {
      origin,
      issuer,
      services,
      keys,
      hasIntrospection: hasKeyFor('introspect'),
      acceptsAssertions: config.enterprise !== undefined,
    },
    hasKeyFor,
    elapsedMs: () => performance.now(),
  }
}

type Basics = ReturnType<typeof wireStores> & ReturnType<typeof wireQuilt>

function wireAuthorize(basics: Basics) {
  const answers = new Answers(basics)
  const earlierConsents = new EarlierConsents(basics)
  const codeIssuer = new CodeIssuer({ ...basics, earlierConsents })
  const heldCredentials = new HeldCredentials(basics)
  const earlyCredentials = new EarlyCredentials({ ...basics, heldCredentials })
  const shownFacts = new ShownFacts({ ...basics, earlyCredentials })
  return {
    answers,
    earlierConsents,
    codeIssuer,
    pagelessAnswers: new PagelessAnswers({ ...basics, answers, codeIssuer }),
    loginAttempts: new LoginAttempts(basics),
    codeForm: new CodeForm(basics),
    heldCredentials,
    consentForm: new ConsentForm({ ...basics, shownFacts }),
    pastedCodes: new PastedCodes({ ...basics, heldCredentials }),
  }
}

function wireAdmin(basics: Basics & Pick<AppDependencies, 'store'>) {
  return {
    adminSessions: new AdminSessions(basics),
    connections: new Connections(basics),
    endConnections: new EndConnections(basics),
    controlStore: new ControlStore(basics.store, basics.origin),
  }
}

function wireToken(config: Config, basics: Basics) {
  const tokenResponses = new TokenResponses(basics)
  const credentialRenewal = new CredentialRenewal(basics)
  const currentCredentials = new CurrentCredentials({ ...basics, credentialRenewal })
  const refreshTokens = new RefreshTokens(basics)
  const userStatusCheck = new UserStatusCheck(basics)
  const refreshes = { refreshTokens, currentCredentials, userStatusCheck, tokenResponses }
  return {
    userStatusCheck,
    codeGrant: new CodeGrant({ ...basics, tokenResponses }),
    refreshGrant: new RefreshGrant({ ...basics, ...refreshes }),
    assertionGrant: wireAssertionGrant(config, { ...basics, tokenResponses }),
  }
}

/** Enterprise-managed authorization; undefined when it is off. */
function wireAssertionGrant(
  { enterprise, issuer }: Config,
  basics: Basics & { readonly tokenResponses: TokenResponses },
): AssertionGrant | undefined {
  const { provider, allowedHosts, observers, now } = basics
  if (enterprise === undefined || provider.source !== 'exchange') return undefined
  const keys = new ProviderKeys({ ...enterprise, observer: observers.identityProvider, now })
  return new AssertionGrant({
    ...basics,
    exchange: provider.credentials,
    enterpriseClients: new EnterpriseClients(enterprise.clients, allowedHosts),
    checkAssertion: assertionCheck({ ...enterprise, audience: issuer, keys, now }),
    assertedSessions: new AssertedSessions(basics),
  })
}
