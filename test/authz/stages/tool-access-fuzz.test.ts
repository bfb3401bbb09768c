import assert from 'node:assert/strict'
import { Metadata } from '@grpc/grpc-js'
import fc from 'fast-check'
import { readToolAccessRequest } from '../../../authz/envoy/check-request.ts'
import { loadAuthorization, methodOf } from '../../../proto/load.ts'
import { PLATFORM } from '../../support/services.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { CONTEXT } from '../support/envoy.ts'
import { openSession } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { mutation } from '../support/mutations.ts'
import { beforeAll } from '../../support/before-all.ts'

const SEED = 20_261_125
const CHECK = methodOf(loadAuthorization(), 'Check')
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'package_browse', arguments: { bucket: 'quilt-lab', name: 'lab/rna-seq-2026' } },
})

type Change = (bytes: Buffer) => Buffer

function changed(bytes: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((all, change) => change(all), bytes)
}

interface Answer {
  readonly status?: { readonly code?: number }
  readonly ok_response?: object
}

describe('The tool_access stage with random bytes', function () {
  const opening = openSession({ access: 'read' })
  const stage = new Metadata()
  stage.set('x-stage', 'tool_access')

  const gate = beforeAll(async () => await startGate(await startValkey()))

  before(async () => {
    await gate.save(opening)
  })

  /** What Envoy asks about a call, as bytes. */
  function asked(body: Buffer): Buffer {
    const headers = { 'content-type': 'application/json', 'x-envoy-auth-partial-body': 'false' }
    const findings = {
      tool_access: 'needed',
      service: 'platform',
      source: 'session',
      session: opening.session.id,
    }
    const fields = Object.fromEntries(
      Object.entries(findings).map(([name, stringValue]) => [name, { stringValue }]),
    )
    return CHECK.requestSerialize({
      attributes: {
        request: { http: { method: 'POST', size: body.length, raw_body: body, headers } },
        context_extensions: CONTEXT,
        metadata_context: { filter_metadata: { 'envoy.filters.http.ext_authz': { fields } } },
      },
    })
  }

  /** Whether Envoy would let it through: whatever has no status, or code 0, passes. */
  async function isAllowed(bytes: Buffer): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    gate.envoy.client.makeUnaryRequest(
      CHECK.path,
      (message: Buffer) => message,
      (message) => CHECK.responseDeserialize(message) as Answer,
      bytes,
      stage,
      (_error, answer) => {
        const allowed = answer !== undefined && (answer.status?.code ?? 0) === 0
        assert.equal(allowed, answer?.ok_response !== undefined)
        resolve(allowed)
      },
    )
    return await promise
  }

  /** What a service would run that reads the body as most do; undefined where it can read nothing. */
  function calledTool(body: Buffer): unknown {
    try {
      const { method, params } = JSON.parse(body.toString()) as {
        method?: unknown
        params?: { name?: unknown }
      }
      return method === 'tools/call' ? params?.name : method
    } catch {
      return undefined
    }
  }

  it('allows the unmodified call', async () => {
    assert.equal(await isAllowed(asked(Buffer.from(BODY))), true)
  })

  it('G16: allows only calls of read access with a mutated body', async () => {
    let allowed = 0
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 2 }), async (mutations) => {
        const body = changed(Buffer.from(BODY), mutations)
        if (!(await isAllowed(asked(body)))) return
        allowed += 1
        assert.ok(PLATFORM.read.tools.has(String(calledTool(body))), body.toString())
      }),
      { numRuns: fuzzRuns(600), seed: SEED },
    )
    assert.ok(allowed > 5, 'some changes touch nothing that counts')
  })

  it('G16: ends in a verdict or an error, and allows only calls of read access with a mutated request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const bytes = changed(asked(Buffer.from(BODY)), mutations)
        if (!(await isAllowed(bytes))) return
        const { request } = readToolAccessRequest(CHECK.requestDeserialize(bytes))
        // GET and DELETE have nothing in them that could be called.
        if (request.method !== 'POST') return
        assert.ok(PLATFORM.read.tools.has(String(calledTool(Buffer.from(request.bytes)))))
      }),
      { numRuns: fuzzRuns(600), seed: SEED },
    )
    assert.equal(await isAllowed(asked(Buffer.from(BODY))), true)
  })
})
