/** Puts a PostgreSQL store together on connections that a test brings: ones whose statements it sees, or can lose. */
import { DEFAULT_STORE_LIMITS, type Store, type StoreLimits } from '../../packages/pawl/src/store/index.ts';
import type {
  Connection,
  ConnectionOptions,
  StorePlatform,
} from '../../packages/pawl/src/store/postgres/connection.ts';
import { History } from '../../packages/pawl/src/store/postgres/history.ts';
import { LivenessLocks, type MachineLocks } from '../../packages/pawl/src/store/postgres/liveness-locks.ts';
import { Names } from '../../packages/pawl/src/store/postgres/names.ts';
import { PostgresStore } from '../../packages/pawl/src/store/postgres/postgres-store.ts';
import { ChangeWatch } from '../../packages/pawl/src/store/postgres/watch.ts';

/** What the store asks of a session. */
export type SessionHooks = Pick<ConnectionOptions, 'onOpen' | 'onNotice' | 'onLost' | 'isNeeded'>;

export interface StoreParts {
  readonly platform: StorePlatform;
  readonly connect: (hooks: SessionHooks) => Connection;
  readonly machine?: MachineLocks | undefined;
  readonly limits?: Partial<StoreLimits> | undefined;
}

/** On a database that has been migrated; times are those of the platform. */
export function putTogether({ platform, connect, machine, limits }: StoreParts): Store {
  const watch = new ChangeWatch(platform);
  const reader = connect({
    onOpen: (session) => watch.renew(session),
    onNotice: (senderPid) => watch.onNotice(senderPid),
    onLost: () => names.forget(),
    isNeeded: () => watch.isNeeded,
  });
  watch.listenOn(reader);
  const names = new Names(reader);
  const locks = new LivenessLocks({ db: reader, platform, machine });
  const writer = connect({
    onOpen: (session) => locks.renew(session),
    onLost: () => names.forget(),
    isNeeded: () => locks.isNeeded,
  });
  return new PostgresStore({
    writer,
    reader,
    location: 'postgres://test',
    platform,
    limits: { ...DEFAULT_STORE_LIMITS, ...limits },
    names,
    locks,
    watch,
    serverClock: undefined,
    history: new History(),
  });
}
