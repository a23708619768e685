/** Promises of the address check: nothing but the public internet is public, however an address is written. */
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

const PRIVATE = [
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '100::1',
  '2001:db8::1',
  '2001::1',
  '2002:7f00:1::',
  '64:ff9b:1::1',
];

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
];

const v4 = (address: string) => !address.includes(':');

describe('isPublicAddress', () => {
  test.each(PRIVATE)('I15: %s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(PUBLIC)('the address %s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(PRIVATE.filter(v4))('I15: %s is not public inside of an IPv6 address', (address) => {
    expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
    expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
  });

  test.each(PUBLIC.filter(v4))('the address %s is public as IPv4-mapped IPv6 and behind NAT64', (address) => {
    expect(isPublicAddress(`::ffff:${address}`)).toBe(true);
    expect(isPublicAddress(`64:ff9b::${address}`)).toBe(true);
  });

  test('I15: the hexadecimal form of a mapped address is the same address', () => {
    expect(isPublicAddress('::ffff:7f00:1')).toBe(false);
    expect(isPublicAddress('::FFFF:A9FE:A9FE')).toBe(false);
  });

  test('what is no address is not public', () => {
    for (const text of ['', 'localhost', '1.1.1', '1.1.1.1.1', '%eth0']) {
      expect(isPublicAddress(text)).toBe(false);
    }
  });
});
