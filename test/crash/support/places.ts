/** Both places where a world can stand: the same test is played in a file and on a server. */
import { afterEach, describe } from 'vitest';
import { dropDatabase, newDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { isOnServer } from './stores.ts';
import { World } from './world.ts';

/** Makes an empty world; it goes when its test is over. */
export type NewWorld = () => Promise<World>;

/** A world that goes when its test is over, with its database on a server. */
export function worldsOnServer(): NewWorld {
  return worldsAt(newDatabase);
}

/** A world that goes when its test is over, in a file. */
export function worldsInFile(): NewWorld {
  return worldsAt(() => Promise.resolve(undefined));
}

/** Declares the tests of `body` for each place. */
export function inBothPlaces(body: (newWorld: NewWorld) => void): void {
  describe('in a file', () => body(worldsInFile()));
  describe.skipIf(!hasPostgres())('on a server', () => body(worldsOnServer()));
}

function worldsAt(place: () => Promise<string | undefined>): NewWorld {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0)) {
      await world.dispose();
      if (isOnServer(world.store)) await dropDatabase(world.store);
    }
  });
  return async () => {
    const world = new World(await place());
    worlds.push(world);
    return world;
  };
}
