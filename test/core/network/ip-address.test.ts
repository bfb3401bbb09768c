import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { isInRange, parseAddress, parseRange, unmapped } from '../../../core/network/ip-address.ts'

describe('parseAddress', () => {
  for (const text of [
    '0.0.0.0',
    '203.0.113.7',
    '255.255.255.255',
    '::',
    '::1',
    '2001:DB8::a',
    '::ffff:192.0.2.1',
  ]) {
    it(`accepts ${text}`, () => assert.notEqual(parseAddress(text), undefined))
  }

  it('leaves a zone out', () => {
    assert.equal(parseAddress('fe80::1%eth-0.1')?.toString(), 'fe80::1')
  })

  for (const [what, texts] of Object.entries({
    'octal numbers and leading zeros': ['010.0.0.1', '0127.0.0.1', '192.0.2.007', '00.0.0.0'],
    'hexadecimal numbers': ['0x7f.0.0.1', '0x7f000001', '0xc0.0.2.1'],
    'short forms': ['127.1', '127.0.1', '10', '2130706433', '192.0.2'],
    'numbers that are too large': ['256.0.0.1', '1.2.3.4.5', '999.0.0.1'],
    'signs, spaces and line breaks': ['+1.2.3.4', '-1.2.3.4', ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4\n', '::1\n'],
    'IPv6 with an odd IPv4 part': [
      '::ffff:010.0.0.1',
      '::ffff:0x7f.0.0.1',
      '::ffff:127.1',
      '::ffff:1.2.3.256',
    ],
    'IPv6 with too many or empty parts': ['1:2:3:4:5:6:7:8:9', '1::2::3', ':::', '12345::', '[::1]', '::1%'],
    'a zone on IPv4': ['127.0.0.1%lo'],
    'ranges and ports': ['10.0.0.0/8', '::1/128', '127.0.0.1:80'],
    names: ['', 'localhost', 'a.b.c.d', '１.２.３.４'],
  })) {
    it(`refuses ${what}`, () => {
      for (const text of texts) assert.equal(parseAddress(text), undefined, text)
    })
  }

  it('accepts exactly what Node counts as an address', () => {
    const digits = fc.string({
      unit: fc.constantFrom('0', '1', '2', '7', 'a', 'f', 'x', ':', '.', '%'),
      maxLength: 24,
    })
    fc.assert(
      fc.property(fc.oneof(digits, fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0, text)
      }),
    )
  })
})

describe('unmapped', () => {
  it('gives the IPv4 address of an IPv4-mapped IPv6 address, and any other address unchanged', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(unmapped(`::ffff:${address}`), address)))
    for (const text of ['192.0.2.1', '2001:DB8::1', 'fe80::1%eth0', '::192.0.2.1', '64:ff9b::192.0.2.1'])
      assert.equal(unmapped(text), text)
  })
})

describe('parseRange', () => {
  for (const text of [
    '192.0.2.0',
    '192.0.2.0/33',
    '192.0.2/24',
    '010.0.0.0/8',
    '2001:db8::/129',
    '::/1234',
  ]) {
    it(`refuses ${text}`, () => assert.equal(parseRange(text), undefined))
  }
  for (const text of [
    '192.0.2.0/-1',
    '192.0.2.0/24/24',
    '192.0.2.0/0x18',
    'fe80::%eth0/64',
    '/24',
    '192.0.2.0/ 24',
  ]) {
    it(`refuses ${text}`, () => assert.equal(parseRange(text), undefined))
  }

  it('gives a range with the addresses that Node counts in it', () => {
    const sample = fc.oneof(
      fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant('ipv4' as const)),
      fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), fc.constant('ipv6' as const)),
    )
    fc.assert(
      fc.property(sample, ([network, address, bits, family]) => {
        const list = new BlockList()
        list.addSubnet(network, bits, family)
        const [range, parsed] = [parseRange(`${network}/${bits}`), parseAddress(address)]
        assert.ok(range !== undefined && parsed !== undefined)
        assert.equal(isInRange(parsed, range), list.check(address, family))
      }),
    )
  })

  it('gives a range without addresses of the other family', () => {
    const [any4, any6] = [parseRange('0.0.0.0/0'), parseRange('::/0')]
    const [ipv4, ipv6] = [parseAddress('192.0.2.1'), parseAddress('::ffff:192.0.2.1')]
    assert.ok(any4 !== undefined && any6 !== undefined && ipv4 !== undefined && ipv6 !== undefined)
    assert.deepEqual([isInRange(ipv4, any6), isInRange(ipv6, any4)], [false, false])
  })
})
