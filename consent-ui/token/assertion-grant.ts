import type { Audit } from '../../core/audit/audit-entry.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { Client } from '../clients/client.ts'
import { assertedGrant } from '../enterprise/asserted-grant.ts'
import {
  assertedUser,
  UserNotAccepted,
  type AssertedUser,
  type AssertedUserDependencies,
} from '../enterprise/asserted-user.ts'
import type { EnterpriseClients } from '../enterprise/enterprise-clients.ts'
import {
  ASSERTION_CLOCK_SECONDS,
  type AssertedIdentity,
  type AssertionCheck,
} from '../enterprise/identity-assertion.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { OAuthError, Stopped } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { AssertionStore } from '../store/assertion-store.ts'
import type { AssertedSessions } from './asserted-sessions.ts'
import type { TokenResponse } from './token-responses.ts'

interface AssertionGrantDependencies extends AssertedUserDependencies {
  readonly enterpriseClients: EnterpriseClients
  readonly checkAssertion: AssertionCheck
  readonly usedAssertions: AssertionStore
  readonly assertedSessions: AssertedSessions
  readonly serviceOf: ResourceLookup
  readonly controls: Controls
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
}

/** `grant_type=…:jwt-bearer`: a session for an identity assertion (MCP Enterprise-Managed Authorization). */
export class AssertionGrant {
  readonly #dependencies: AssertionGrantDependencies

  constructor(dependencies: AssertionGrantDependencies) {
    this.#dependencies = dependencies
  }

  /** Before a client is authenticated: its assertion is genuine, and the operator has listed it. @throws OAuthError */
  async requireGenuine(parameters: Parameters, clientId: string): Promise<void> {
    this.#dependencies.enterpriseClients.requireListed(clientId)
    await this.#check(parameters, clientId)
  }

  /** True if the identity provider signed it and it is valid now; it may have been used. @throws Unavailable */
  async isGenuine(assertion: string): Promise<boolean> {
    return await this.#dependencies.checkAssertion(assertion).then(
      () => true,
      (error: unknown) => {
        if (error instanceof OAuthError) return false
        throw error
      },
    )
  }

  /** Checks everything before it uses up the assertion. Our own failure (503) gives it back. @throws OAuthError */
  async openSession(parameters: Parameters, client: Client): Promise<TokenResponse> {
    const { enterpriseClients, assertedSessions, serviceOf, controls, metrics } = this.#dependencies
    try {
      const allowed = enterpriseClients.require(client)
      const assertion = await this.#check(parameters, client.id)
      const granted = assertedGrant(parameters, assertion, serviceOf)
      if (controls.isStopped(granted.service.name)) throw new Stopped(granted.service.title)
      const response = await this.#useOnce(assertion, async () => {
        const user = await this.#user(assertion, client)
        return await assertedSessions.open({ assertion, client, allowed, granted, user })
      })
      metrics.assertion('accepted')
      return response
    } catch (error) {
      metrics.assertion(error instanceof OAuthError ? 'refused' : 'unavailable')
      throw error
    }
  }

  async #check(parameters: Parameters, clientId: string): Promise<AssertedIdentity> {
    const assertion = await this.#dependencies.checkAssertion(required(parameters, 'assertion'))
    if (assertion.clientId !== clientId) throw refused('its client_id names another client')
    return assertion
  }

  async #useOnce<Result>(assertion: AssertedIdentity, use: () => Promise<Result>): Promise<Result> {
    const { usedAssertions, now } = this.#dependencies
    const { issuer, id, issuedAt, expiresAt } = assertion
    const hash = sha256(JSON.stringify(['identity assertion', issuer, id]))
    const seconds = Math.ceil(expiresAt) - now() + ASSERTION_CLOCK_SECONDS + 1
    if (!(await usedAssertions.use(hash, seconds))) throw refused('its jti was used before')
    // The identity provider's clock may be ahead of ours.
    if (await usedAssertions.isRolledBack(hash, issuedAt - ASSERTION_CLOCK_SECONDS)) {
      throw refused('it is from before this server lost data, and may have been used before')
    }
    try {
      return await use()
    } catch (error) {
      if (!(error instanceof OAuthError)) await usedAssertions.giveBack(hash)
      throw error
    }
  }

  async #user(assertion: AssertedIdentity, { id, name }: Client): Promise<AssertedUser> {
    const { audit } = this.#dependencies
    const { issuer, email } = assertion
    const signIn = {
      name: 'SignIn',
      by: 'client',
      client: { id, name },
      details: { issuer, how: 'identity assertion' },
    } as const
    try {
      const user = await assertedUser(this.#dependencies, assertion)
      audit.record({ ...signIn, person: user.person })
      return user
    } catch (error) {
      if (error instanceof UserNotAccepted) {
        audit.record({ ...signIn, isSuccess: false, reason: error.reason, person: { email } })
      }
      throw error
    }
  }
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_grant', `assertion refused: ${description}`)
}
