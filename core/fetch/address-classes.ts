/**
 * What kind of network an IP address belongs to, decided on its numbers, never on its spelling.
 *
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and updates), RFC 6052 (NAT64),
 * RFC 3056 (6to4), RFC 4380 (Teredo), RFC 4291 (mapped and compatible addresses).
 */

import { isIPv4, isIPv6 } from 'node:net';

export type AddressClass =
  | 'public'
  | 'unspecified'
  | 'private'
  | 'shared'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'protocol-assignment'
  | 'documentation'
  | 'benchmarking'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'tunnel'
  | 'not-an-address';

type Block4 = readonly [first: number, prefixLength: number, kind: AddressClass];

/** The first block that holds the address decides, so narrower blocks stand before wider ones. */
const IPV4_BLOCKS: readonly Block4[] = [
  [0x00000000, 8, 'unspecified'],
  [0x0a000000, 8, 'private'],
  [0x646464c8, 32, 'metadata'], // 100.100.100.200, a cloud's metadata service inside the shared block
  [0x64400000, 10, 'shared'],
  [0x7f000000, 8, 'loopback'],
  [0xa83f8110, 32, 'metadata'], // 168.63.129.16, a cloud's host service in otherwise public space
  [0xa9fea9fe, 32, 'metadata'], // 169.254.169.254
  [0xa9fe0000, 16, 'link-local'],
  [0xac100000, 12, 'private'],
  [0xc0000000, 24, 'protocol-assignment'],
  [0xc0000200, 24, 'documentation'],
  [0xc0586300, 24, 'reserved'], // 192.88.99.0/24, the retired 6to4 relay anycast
  [0xc0a80000, 16, 'private'],
  [0xc6120000, 15, 'benchmarking'],
  [0xc6336400, 24, 'documentation'],
  [0xcb007100, 24, 'documentation'],
  [0xe0000000, 4, 'multicast'],
  [0xffffffff, 32, 'broadcast'],
  [0xf0000000, 4, 'reserved'],
];

type Block6 = readonly [groups: readonly number[], prefixLength: number, kind: AddressClass];

/** Exceptions inside and names outside 2000::/3; whatever is outside and not named is `reserved`. */
const IPV6_BLOCKS: readonly Block6[] = [
  [[0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254], 128, 'metadata'], // fd00:ec2::254
  [[0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128, 'metadata'], // fd20:ce::254
  [[0xfc00], 7, 'private'],
  [[0xfe80], 10, 'link-local'],
  [[0xfec0], 10, 'private'], // site-local, deprecated by RFC 3879 but still routed privately by some
  [[0xff00], 8, 'multicast'],
  [[0x2001, 0x0002, 0], 48, 'benchmarking'],
  [[0x2001], 23, 'protocol-assignment'],
  [[0x2001, 0x0db8], 32, 'documentation'],
  [[0x3fff], 20, 'documentation'],
];

function parseIpv4(address: string): number {
  let value = 0;
  for (const part of address.split('.')) value = value * 256 + Number(part);
  return value;
}

/** Eight 16-bit groups of a valid IPv6 text without a zone. */
function parseIpv6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const front = groupsOf(head);
  if (tail === undefined) return front;
  const back = groupsOf(tail);
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  const groups: number[] = [];
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const value = parseIpv4(part);
      groups.push(Math.floor(value / 65536), value % 65536);
    } else {
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function inBlock4(value: number, [first, prefixLength]: Block4): boolean {
  const size = 2 ** (32 - prefixLength);
  return value >= first && value < first + size;
}

function inBlock6(groups: readonly number[], [prefix, prefixLength]: Block6): boolean {
  let left = prefixLength;
  for (let index = 0; left > 0; index++, left -= 16) {
    const mask = left >= 16 ? 0xffff : 0xffff & (0xffff << (16 - left));
    if (((groups[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false;
  }
  return true;
}

function classifyIpv4(value: number): AddressClass {
  for (const block of IPV4_BLOCKS) if (inBlock4(value, block)) return block[2];
  return 'public';
}

function classifyIpv6(groups: readonly number[]): AddressClass {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const last = g * 65536 + h;
  if ((a | b | c | d | e) === 0) {
    if (f === 0xffff) return classifyIpv4(last); // mapped: the packet goes to the IPv4 address itself
    if (f === 0) {
      if (last === 0) return 'unspecified';
      if (last === 1) return 'loopback';
      return decoded(last, 'reserved'); // compatible, deprecated
    }
  }
  // NAT64: the translator sends it on to the IPv4 address, which is how IPv6-only networks reach public IPv4 sites.
  if (a === 0x64 && b === 0xff9b && (c | d | e | f) === 0) return classifyIpv4(last);
  if (a === 0x64 && b === 0xff9b && c === 1) return 'private'; // local-use translation, RFC 8215
  if (a === 0x2002) return decoded(b * 65536 + c, 'tunnel'); // 6to4
  if (a === 0x2001 && b === 0) return decoded((~last >>> 0) as number, 'tunnel'); // Teredo: the client's address, inverted
  for (const block of IPV6_BLOCKS) if (inBlock6(groups, block)) return block[2];
  return (a & 0xe000) === 0x2000 ? 'public' : 'reserved';
}

/** The class of an embedded IPv4 address that is named by its danger, or `otherwise` when it is public. */
function decoded(ipv4: number, otherwise: AddressClass): AddressClass {
  const kind = classifyIpv4(ipv4);
  return kind === 'public' ? otherwise : kind;
}

/**
 * Classifies one IP address. Only `public` may be contacted without the user's leave.
 *
 * @param address dotted IPv4 or any IPv6 text; a zone (`%eth0`) is ignored, square brackets are not accepted
 * @returns `public`, else why not; `not-an-address` for anything else
 */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return classifyIpv4(parseIpv4(address));
  if (!isIPv6(address)) return 'not-an-address';
  const zone = address.indexOf('%');
  return classifyIpv6(parseIpv6(zone === -1 ? address : address.slice(0, zone)));
}
