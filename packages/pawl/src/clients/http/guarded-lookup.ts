/** Name resolution that gives a socket only addresses it may connect to: the check and the connection see the same answer. */
import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** The host has an address that is not public. */
export class AddressDenied extends Error {
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    super(`${host} has the address ${address}, which is not public`);
    this.name = 'AddressDenied';
    this.host = host;
    this.address = address;
  }
}

/** Answers with every address of a host; that of the system unless a test brings its own. */
export type Resolve = (
  host: string,
  options: { readonly all: true; readonly family?: number; readonly hints?: number },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The `lookup` of a socket. One address that is not public denies the host, whatever the others are: which of them the
 * socket would try is not ours to say.
 */
export function guardedLookup(resolve: Resolve = lookup): LookupFunction {
  return (host, options, done) => {
    const { family, hints } = options;
    const wanted = {
      all: true as const,
      ...(typeof family === 'number' ? { family } : {}),
      ...(hints === undefined ? {} : { hints }),
    };
    resolve(host, wanted, (error, addresses) => {
      const denied = error ? undefined : addresses.find((one) => !isPublicAddress(one.address));
      const problem = error ?? (denied ? new AddressDenied(host, denied.address) : undefined);
      const [first] = addresses ?? [];
      if (problem || !first) done(problem ?? new Error(`${host} has no address`), []);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
