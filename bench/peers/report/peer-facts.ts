/** What a report says of each peer beside its figures. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Peer } from '../peer.ts';

export interface PeerFacts {
  readonly peer: Peer;
  /** The versions of its packages and of its server. */
  readonly versions: string;
}

export function factsOf(peer: Peer, server: string | undefined): PeerFacts {
  const versions = peer.packages.map((name) => `${name} ${versionOf(name)}`);
  return { peer, versions: [...versions, ...(server === undefined ? [] : [server])].join(', ') };
}

function versionOf(name: string): string {
  const place =
    name === 'pawl' ? '../../../packages/pawl/package.json' : `../node_modules/${name}/package.json`;
  const file = fileURLToPath(new URL(place, import.meta.url));
  if (!existsSync(file)) return 'is not installed: npm ci';
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return version;
}
