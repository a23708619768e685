/** Opens the PostgreSQL store: its sessions, its schema, its limits. */
import { pawlError } from '../../errors/index.ts';
import { withoutPassword } from '../../std/index.ts';
import { DEFAULT_STORE_LIMITS, type Store, type StoreLimits } from '../index.ts';
import { Connection, type StorePlatform } from './connection.ts';
import { openingError } from './errors.ts';
import { History } from './history.ts';
import { LivenessLocks, type MachineLocks } from './liveness-locks.ts';
import { migrate } from './migrate.ts';
import { Names } from './names.ts';
import { PostgresStore } from './postgres-store.ts';
import { selectNow } from './queries/select-now.ts';
import { ServerClock } from './server-clock.ts';
import { ChangeWatch } from './watch.ts';

export interface PostgresOptions extends StorePlatform {
  /** `postgres://user:password@host:port/database`, with the parameters that `pg` knows. */
  readonly url: string;
  readonly limits?: Partial<StoreLimits> | undefined;
  /** How engines of one machine prove that they live; without them a dead one is noticed by its session's lock. */
  readonly machineLocks?: MachineLocks | undefined;
  /** Times are those of the server, so that machines whose clocks differ agree; else those of `clock`. */
  readonly hasServerClock?: boolean | undefined;
}

/** @throws `STORE_URL_INVALID`, `STORE_NOT_OURS`, `STORE_TOO_NEW`, `MIGRATION_CHANGED`, `STORE_UNAVAILABLE`, `STORE_CORRUPT`. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { url, limits, machineLocks, hasServerClock = false, ...surroundings } = options;
  const serverClock = hasServerClock ? new ServerClock(surroundings.clock) : undefined;
  const platform: StorePlatform = { ...surroundings, clock: serverClock ?? surroundings.clock };
  const location = locationOf(url);
  const watch = new ChangeWatch(platform);
  const reader = new Connection({
    url,
    platform,
    onOpen: (session) => watch.renew(session),
    onNotice: (senderPid) => watch.onNotice(senderPid),
    onLost: () => names.forget(),
    isNeeded: () => watch.isNeeded,
  });
  watch.listenOn(reader);
  const names = new Names(reader);
  const locks = new LivenessLocks({ db: reader, platform, machine: machineLocks });
  const history = new History();
  const writer = new Connection({
    url,
    platform,
    commits: true,
    onOpen: async (session) => {
      await history.look(session);
      await locks.renew(session);
    },
    onLost: () => names.forget(),
    isNeeded: () => locks.isNeeded,
  });
  try {
    await migrate(writer, location);
    if (serverClock) await askTime(reader, serverClock);
  } catch (error) {
    await Promise.all([writer.close(), reader.close()]);
    throw openingError(error, location);
  }
  return new PostgresStore({
    writer,
    reader,
    location,
    platform,
    limits: { ...DEFAULT_STORE_LIMITS, ...limits },
    names,
    locks,
    watch,
    serverClock,
    history,
  });
}

async function askTime(db: Connection, serverClock: ServerClock): Promise<void> {
  const askedAt = serverClock.monotonic();
  const [row] = await db.read(selectNow);
  if (row) serverClock.learn(row.now, askedAt);
}

/** Where it is, without who asks and with what password. */
function locationOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:\/\//.test(text))
    throw pawlError('STORE_URL_INVALID', { url: withoutPassword(text) });
  return `postgres://${url.host}${url.pathname}`;
}
