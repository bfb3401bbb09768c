import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import assert from 'node:assert/strict'
import { assertRefused } from '../support/client.ts'
import { startEnterprise, presentClaims } from './support.ts'
import type { Connect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'

describe('The user of an identity assertion', () => {
  let connect: Connect

  beforeEach(async () => {
    connect = await startEnterprise()
  })

  const withoutAddress = { email: undefined, email_verified: undefined }

  it('J07: without a verified e-mail address must have signed in here before', async () => {
    for (const changes of [withoutAddress, { email_verified: undefined }]) {
      assertRefused(await presentClaims(connect, changes), 'invalid_grant')
    }
    await tokensFor(connect, await connect.client())
    for (const changes of [withoutAddress, { email_verified: undefined }]) {
      assert.equal((await presentClaims(connect, changes)).status, 200)
    }
    assertRefused(await presentClaims(connect, withoutAddress, { person: GRACE }), 'invalid_grant')
  })

  it('needs no email_verified where the operator says that the identity provider verifies addresses', async () => {
    connect.redeploy({ OIDC_EMAIL_VERIFIED: 'assumed' })
    assert.equal((await presentClaims(connect, { email_verified: undefined })).status, 200)
  })

  it('J07: is refused when another subject comes with the e-mail address of a known user', async () => {
    assert.equal((await presentClaims(connect)).status, 200)
    const { registryProxy } = connect.organisation
    const hers = registryProxy.lastCredential
    // The Registry takes the new subject for Ada.
    const answer = {
      status: 200,
      body: JSON.stringify({ access_token: hers, token_type: 'Bearer', expires_in: 3600 }),
    }
    registryProxy.instead('/api/token-exchange', answer)
    assertRefused(await presentClaims(connect, { sub: 'ada-created-anew' }), 'invalid_grant')
  })

  it('J07: is refused when the Registry gives the credential of another user', async () => {
    assert.equal((await presentClaims(connect, {}, { person: GRACE })).status, 200)
    const { registryProxy } = connect.organisation
    const hers = registryProxy.lastCredential
    const answer = {
      status: 200,
      body: JSON.stringify({ access_token: hers, token_type: 'Bearer', expires_in: 3600 }),
    }
    registryProxy.instead('/api/token-exchange', answer)
    assertRefused(await presentClaims(connect), 'invalid_grant')
    await registryProxy.loggedOut(hers)
  })

  it('J07: must be of the configured tenant, where one is', async () => {
    connect.redeploy({ ENTERPRISE_TENANT: 'quilt-org' })
    assert.equal((await presentClaims(connect, { tenant: 'quilt-org' })).status, 200)
    for (const tenant of [undefined, 'evil-org']) {
      assertRefused(await presentClaims(connect, { tenant }), 'invalid_grant')
    }
  })

  it('J08: loses access when the Registry deactivates them', async () => {
    connect.organisation.deactivated.add(ADA.quilt.name)
    assertRefused(await presentClaims(connect), 'invalid_grant')
  })
})
