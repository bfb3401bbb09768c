import assert from 'node:assert/strict'
import { ofKind, type EdgeKind } from '../../bench/edge/edge-kinds.ts'
import { readEnvoyConfig, type EnvoyConfig } from '../../bench/edge/envoy-config.ts'
import { createIdentity } from '../../bench/lab/identity.ts'
import { renderEnvoyConfig } from '../../envoy/render/render.ts'
import { SERVICES } from '../support/services.ts'

const identity = createIdentity(8000)
const gate = readEnvoyConfig(
  renderEnvoyConfig({
    origin: identity.origin,
    listen: { host: '127.0.0.1', port: 8080 },
    adminSocket: '/run/admin.sock',
    trustedHops: 1,
    authz: { path: '/run/authz.sock' },
    consentUi: { path: '/run/consent-ui.sock' },
    services: SERVICES,
    trustedCa: '/ca.pem',
    tracesEndpoint: undefined,
    tracesPercent: 100,
  }),
)

function filtersOf({ static_resources: { listeners } }: EnvoyConfig): string[] {
  const managers = listeners.flatMap((each) => each.filter_chains).flatMap(({ filters }) => filters)
  return managers.flatMap(({ typed_config }) => typed_config.http_filters.map(({ name }) => name))
}

const OURS = ['authenticate', 'tool_access', 'list_filter']
const JWT = 'envoy.filters.http.jwt_authn'

describe('ofKind', () => {
  for (const [kind, asking] of [
    ['gate', OURS],
    ['reference', ['authenticate']],
    ['alone', []],
    ['jwt', [JWT]],
    ['jwt-cached', [JWT]],
  ] as const satisfies [EdgeKind, string[]][]) {
    it(`keeps for ${kind} the filters ${asking.join(', ') || 'of no check'}, and changes no other filter`, () => {
      const all = filtersOf(ofKind(gate, kind, identity))
      const isAsking = (name: string): boolean => [...OURS, JWT].includes(name)
      assert.deepEqual(all.filter(isAsking), asking)
      assert.deepEqual(
        all.filter((name) => !isAsking(name)),
        filtersOf(gate).filter((name) => !isAsking(name)),
      )
    })
  }

  it('does not change the given configuration', () => {
    ofKind(gate, 'alone', identity)
    assert.ok(OURS.every((name) => filtersOf(gate).includes(name)))
  })
})
