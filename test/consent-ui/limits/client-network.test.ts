import assert from 'node:assert/strict'
import { networkOf } from '../../../consent-ui/limits/client-network.ts'
import { egressRanges } from '../../../core/network/egress-ranges.ts'
import { readConfig } from '../../../consent-ui/config/config.ts'
import { unmapped } from '../../../core/network/ip-address.ts'
import { ConfigurationError } from '../../../core/config/environment.ts'
import { settingsOf } from '../support/organisation.ts'
import { settingsFor } from '../support/settings.ts'

const RANGES = egressRanges.parse('160.79.104.0/21, 2001:db8:a::/40')

describe('The network of a client', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.0/24'],
    ['192.0.3.1', '192.0.3.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['2001:db9:1:2:3:4:5:6', '2001:db9:1::/48'],
    ['2001:0DB9:0001:ffff::1', '2001:db9:1::/48'],
    ['2001:db9::1', '2001:db9:0::/48'],
    ['2001:db9:0:1::', '2001:db9:0::/48'],
    ['::1', '0:0:0::/48'],
    ['::', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['160.79.104.1', '160.79.104.0/21'],
    ['160.79.111.254', '160.79.104.0/21'],
    ['160.79.112.1', '160.79.112.0/24'],
    ['2001:db8:ff::1', '2001:db8:a::/40'],
  ] as const) {
    it(`is ${network} for the address ${address}`, () =>
      assert.equal(networkOf(unmapped(address), RANGES), network))
  }
})

describe('CONNECT_EGRESS_RANGES', () => {
  const organisation = { identityProvider: 'http://localhost:1', registry: 'http://localhost:2' }
  const base = {
    ...settingsFor('https://connect.example', 'redis://localhost'),
    ...settingsOf({
      identityProvider: { origin: organisation.identityProvider },
      registry: { origin: organisation.registry },
    } as Parameters<typeof settingsOf>[0]),
  }

  function rangesWith(setting: Record<string, string>): string[] {
    return readConfig({ ...base, ...setting }).egressRanges.map(({ text }) => text)
  }

  it('defaults to the range of claude.ai, and the operator can replace it', () => {
    assert.deepEqual(rangesWith({}), ['160.79.104.0/21'])
    assert.deepEqual(rangesWith({ CONNECT_EGRESS_RANGES: ' 192.0.2.0/24,2001:db8::/32 ' }), [
      '192.0.2.0/24',
      '2001:db8::/32',
    ])
  })

  for (const wrong of [
    '0.0.0.0/0',
    '10.0.0.0/8',
    '::/0',
    '192.0.2.1',
    '192.0.2.0/33',
    '192.0.2/24',
    '2001:db8::/129',
    'x',
  ]) {
    it(`is refused with ${wrong}, which the error names`, () => {
      assert.throws(
        () => rangesWith({ CONNECT_EGRESS_RANGES: wrong }),
        (error) => error instanceof ConfigurationError && error.message.includes(wrong),
      )
    })
  }
})
