/** Which IP addresses are on the public internet, by the IANA special-purpose registries (RFC 6890). */
import { BlockList, isIP } from 'node:net';

/** IPv4 that is not public, as [network, bits]. */
const RESERVED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; holds a metadata service (100.100.100.200)
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // a public number that a cloud answers with its own services
  ['169.254.0.0', 16], // link-local, and with it the usual metadata service (169.254.169.254)
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments; holds a metadata service (192.0.0.192)
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved and broadcast
];

/** IPv6 is public only in these: global unicast, and the two ways to write an IPv4 address. */
const PUBLIC_V6: readonly (readonly [string, number])[] = [
  ['2000::', 3],
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // NAT64
];

/** … except for these. */
const RESERVED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23], // protocol assignments; holds Teredo, which carries IPv4 inside
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which carries IPv4 inside
  ['3fff::', 20], // documentation
  ...RESERVED_V4.map(([network, bits]) => [`::ffff:${network}`, 96 + bits] as const),
  ...RESERVED_V4.map(([network, bits]) => [`64:ff9b::${network}`, 96 + bits] as const),
];

const reservedV4 = listOf(RESERVED_V4, 'ipv4');
const publicV6 = listOf(PUBLIC_V6, 'ipv6');
const reservedV6 = listOf(RESERVED_V6, 'ipv6');

function listOf(networks: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}

/** Whether an address is on the public internet; false for what is no IP address. */
export function isPublicAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? ''; // a zone (`fe80::1%eth0`) says nothing about being public
  switch (isIP(bare)) {
    case 4:
      return !reservedV4.check(bare, 'ipv4');
    case 6:
      return publicV6.check(bare, 'ipv6') && !reservedV6.check(bare, 'ipv6');
    default:
      return false;
  }
}
