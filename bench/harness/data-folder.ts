/** Folders for the databases of one measurement: on the disk that holds the repository, removed after use. */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const dataFolder = fileURLToPath(new URL('../.data/', import.meta.url));

/** Magic numbers of `statfs(2)`. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
  0x794c7630: 'overlayfs',
  0x01021994: 'tmpfs (not a disk: the figures mean nothing)',
};

export function fileSystemName(): string {
  mkdirSync(dataFolder, { recursive: true });
  const { type } = statfsSync(dataFolder);
  return FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
}

/** Gives `work` an empty folder. */
export async function inFreshFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(dataFolder, { recursive: true });
  const folder = mkdtempSync(join(dataFolder, `${name}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
