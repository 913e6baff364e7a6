import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { classifyAddress } from './address-classes.ts';

/** First address, last address, and the neighbours that lie outside (null when the neighbour is special too). */
type Edges = readonly [first: string, last: string, before: string | null, after: string | null];

const IPV4_EDGES: readonly Edges[] = [
  ['0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0', '239.255.255.255', '223.255.255.255', null],
  ['240.0.0.0', '255.255.255.255', null, null],
  ['168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
];

const IPV6_EDGES: readonly Edges[] = [
  ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, '2000::'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:200::'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:1000::'],
  ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null],
];

describe('classifyAddress', () => {
  for (const [first, last, before, after] of [...IPV4_EDGES, ...IPV6_EDGES]) {
    it(`refuses ${first} to ${last} and nothing beside it`, () => {
      assert.notEqual(classifyAddress(first), 'public');
      assert.notEqual(classifyAddress(last), 'public');
      if (before !== null) assert.equal(classifyAddress(before), 'public');
      if (after !== null) assert.equal(classifyAddress(after), 'public');
    });
  }

  it('names what an address is', () => {
    const expected = {
      '127.0.0.1': 'loopback',
      '169.254.169.254': 'metadata',
      '169.254.1.1': 'link-local',
      '100.100.100.200': 'metadata',
      '255.255.255.255': 'broadcast',
      '8.8.8.8': 'public',
      '::1': 'loopback',
      '::': 'unspecified',
      'fe80::1': 'link-local',
      'fe80::1%eth0': 'link-local',
      'fd00:ec2::254': 'metadata',
      'fd12::1': 'private',
      'fec0::1': 'private',
      'ff02::1': 'multicast',
      '100::1': 'reserved',
      '5f00::1': 'reserved',
      '2001:2::1': 'benchmarking',
      '2001:4860:4860::8888': 'public',
      '2a00:1450:4001:81b::200e': 'public',
    };
    for (const [address, kind] of Object.entries(expected)) assert.equal(classifyAddress(address), kind, address);
  });

  it('decodes IPv4 inside IPv6', () => {
    const expected = {
      '::ffff:127.0.0.1': 'loopback',
      '::ffff:7f00:1': 'loopback',
      '::ffff:a9fe:a9fe': 'metadata',
      '::ffff:8.8.8.8': 'public',
      '::127.0.0.1': 'loopback',
      '::8.8.8.8': 'reserved',
      '64:ff9b::10.0.0.1': 'private',
      '64:ff9b::8.8.8.8': 'public',
      '64:ff9b:1::8.8.8.8': 'private',
      '2002:7f00:1::1': 'loopback',
      '2002:808:808::1': 'tunnel',
      '2001:0:4136:e378:8000:63bf:80ff:fffe': 'loopback', // Teredo carries 127.0.0.1 inverted
      '2001:0:4136:e378:8000:63bf:f7f7:f7f7': 'tunnel', // and 8.8.8.8
    };
    for (const [address, kind] of Object.entries(expected)) assert.equal(classifyAddress(address), kind, address);
  });

  it('refuses what is not an address', () => {
    for (const text of ['', 'localhost', '127.1', '0x7f.0.0.1', '[::1]', '1.2.3.4.5', '::g', '1.2.3.4 ', '01.2.3.4']) {
      assert.equal(classifyAddress(text), 'not-an-address', text);
    }
  });

  it('agrees with arithmetic on every IPv4 address, however it is embedded', () => {
    const special = (a: number, b: number, c: number, d: number): boolean =>
      [0, 10, 127].includes(a) ||
      a >= 224 ||
      (a === 100 && b >= 64 && b < 128) ||
      (a === 169 && b === 254) ||
      (a === 172 && b >= 16 && b < 32) ||
      (a === 192 && b === 168) ||
      (a === 192 && b === 0 && (c === 0 || c === 2)) ||
      (a === 192 && b === 88 && c === 99) ||
      (a === 198 && (b === 18 || b === 19)) ||
      (a === 198 && b === 51 && c === 100) ||
      (a === 203 && b === 0 && c === 113) ||
      (a === 168 && b === 63 && c === 129 && d === 16);
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 10, 88, 100, 113, 127, 169, 172, 192, 198, 203, 254));
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const dotted = `${a}.${b}.${c}.${d}`;
        const isPublic = !special(a, b, c, d);
        for (const text of [dotted, `::ffff:${dotted}`, `64:ff9b::${dotted}`]) {
          assert.equal(classifyAddress(text) === 'public', isPublic, text);
        }
        const hex = (high: number, low: number): string => (high * 256 + low).toString(16);
        for (const text of [`::${dotted}`, `2002:${hex(a, b)}:${hex(c, d)}::1`]) {
          assert.notEqual(classifyAddress(text), 'public', text);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
