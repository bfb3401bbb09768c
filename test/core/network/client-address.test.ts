import assert from 'node:assert/strict'
import { unmapped } from '../../../core/network/ip-address.ts'
import { countedNetworks } from '../../../core/network/client-address.ts'

describe('countedNetworks', () => {
  for (const [address, caller] of [
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
  ] as const) {
    it(`begins with ${caller} for ${address}`, () => {
      assert.deepEqual(countedNetworks(unmapped(address))[0], { network: caller, shares: 1 })
    })
  }

  it('gives one network for IPv4', () => {
    assert.equal(countedNetworks('203.0.113.7').length, 1)
  })

  it('gives the /64, and the /48 with five shares, for IPv6', () => {
    const [subnet, site, ...others] = countedNetworks('2001:db8:1:2:3:4:5:6')
    assert.equal(subnet.network, '2001:db8:1:2::/64')
    assert.deepEqual(site, { network: '2001:db8:1::/48', shares: 5 })
    assert.deepEqual(others, [])
  })
})
