import assert from 'node:assert/strict'
import { beforeAll } from '../../support/before-all.ts'
import { until } from '../../support/until.ts'
import { post } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'

const TRACE = 'Root=1-67891233-abcdef012345678912345678'

describe('consent-ui', () => {
  const connect = beforeAll(() => startConnect())

  it('asks the Registry with the trace id of the request, also after the answer', async () => {
    const client = await connect.client()
    const { refresh_token: token } = await tokensFor(connect, client)
    const { registryProxy } = connect.organisation
    assert.equal(registryProxy.traces.size, 0, 'no request had one')
    const form = { token, client_id: client.id }
    const answer = await post(`${connect.origin}/auth/revoke`, form, {
      'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;${TRACE}`,
    })
    assert.equal(answer.status, 200)
    await until(() => registryProxy.traces.get('/api/logout') === TRACE, 'the logout with the trace id')
  })
})
