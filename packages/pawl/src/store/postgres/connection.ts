/** One session with the server: made when it is first needed and again after it broke; prepared statements by name. */
import { Client, types } from 'pg';
import { isPawlError, pawlError } from '../../errors/index.ts';
import type { Platform } from '../../std/index.ts';
import { isStatementError, surroundingsError, unavailable, unknownFate } from './errors.ts';
import { type Params, type Query, query } from './query.ts';

export type StorePlatform = Pick<Platform, 'clock' | 'setTimer' | 'random' | 'logger'>;

export interface ConnectionOptions {
  readonly url: string;
  readonly platform: StorePlatform;
  /** Whether its statements are those of commits. */
  readonly commits?: boolean | undefined;
  /** What the session must have before anything else is asked of it: locks, subscriptions. */
  readonly onOpen?: ((session: DatabaseSession) => Promise<void>) | undefined;
  readonly onNotice?: ((senderPid: number) => void) | undefined;
  readonly onLost?: (() => void) | undefined;
  /** Whether somebody relies on the session while nothing is asked of it: then it is made anew as soon as it breaks. */
  readonly isNeeded?: (() => boolean) | undefined;
}

/** A session that is being set up. */
export interface DatabaseSession {
  readonly isPooled: boolean;
  readonly pid: number;
  run(sql: string, params?: Params): Promise<readonly object[]>;
}

/** An answer that does not come within this time does not come: the line may be dead without a word. */
const PATIENCE_MS = 20_000;
const CONNECT_MS = 5_000;
const GOODBYE_MS = 1_000;
/** A session that broke is made anew after this long, doubling up to the last. */
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const OLDEST_VERSION = 140_000;

interface Opened {
  readonly client: Client;
  readonly isPooled: boolean;
}

const serverFacts = query<[], { pid: number; version: number; encoding: string }>(
  `select pg_backend_pid() as pid, current_setting('server_version_num')::int as version,
    current_setting('server_encoding') as encoding`,
);

/**
 * Planned for short statements: compiling one takes longer than running it, and so does planning it anew. Tables are read by their
 * indexes also while they are small: a plan outlives that. A commit waits for the disk whatever the database says, and a role's limits
 * are not ours: how long an answer is waited for is said here.
 */
const SETTINGS = `set jit = off; set default_transaction_isolation = 'read committed'; set search_path = pg_catalog;
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')`;
const WRITER_SETTINGS = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_bitmapscan = off`;

/** States: *idle* → *opening* → *open* → (the line breaks) → *idle*; *closed* from any of them, for ever. */
export class Connection {
  readonly #options: ConnectionOptions;
  #opened: Promise<Opened> | undefined;
  /** The client of an open session. */
  #client: Client | undefined;
  #isClosed = false;
  /** Settles when the statement that was asked for last is answered. */
  #last: Promise<unknown> = Promise.resolve();
  #retryMs = FIRST_RETRY_MS;
  #stopRetry: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * All rows of a read; asked once more where the line broke under it. Nothing that is stored holds a NUL: who asks for one finds
   * nothing. @throws `STORE_UNAVAILABLE`, `STORE_CORRUPT`
   */
  async read<P extends Params, Row>(one: Query<P, Row>, ...params: P): Promise<Row[]> {
    if (params.some((param) => typeof param === 'string' && param.includes('\u0000'))) return [];
    try {
      return await this.#send(one, params);
    } catch (error) {
      if (isPawlError(error)) throw error;
      if (isStatementError(error)) throw surroundingsError(error) ?? error;
    }
    try {
      return await this.#send(one, params);
    } catch (error) {
      if (isPawlError(error)) throw error;
      throw surroundingsError(error) ?? (isStatementError(error) ? error : unavailable(error));
    }
  }

  /**
   * One statement that is its own transaction; what the server says against the statement itself is thrown as it is.
   * @throws `STORE_UNAVAILABLE` where it certainly did not happen, `STORE_UNKNOWN` where nobody knows, `STORE_CORRUPT`.
   */
  async write<P extends Params, Row>(one: Query<P, Row>, ...params: P): Promise<Row[]> {
    try {
      return await this.#send(one, params);
    } catch (error) {
      if (isPawlError(error)) throw error;
      if (isStatementError(error)) throw surroundingsError(error) ?? error;
      throw unknownFate(error);
    }
  }

  /** Statements without parameters, all in one transaction. @throws what the server says against them, as it is */
  async script(sql: string): Promise<void> {
    const { client } = await this.#open();
    await client.query(sql);
  }

  /** Opens the session where there is none. @throws `STORE_UNAVAILABLE` */
  async wake(): Promise<void> {
    await this.#open();
  }

  /** Whether a pooler stands between: sessions are not ours then. @throws `STORE_UNAVAILABLE` */
  async isPooled(): Promise<boolean> {
    return (await this.#open()).isPooled;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopRetry?.();
    await this.#last; // what is under way; whatever waits behind it fails at once
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    if (opened !== undefined) await this.#end(opened.client);
  }

  /** One statement at a time; the next one is sent when the answer of the one before is here. */
  #send<P extends Params, Row>(one: Query<P, Row>, params: P): Promise<Row[]> {
    const sent = this.#last.then(() => this.#sendNow(one, params));
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  async #sendNow<P extends Params, Row>(one: Query<P, Row>, params: P): Promise<Row[]> {
    const { client, isPooled } = await this.#open();
    const name = isPooled ? {} : { name: nameOf(one) };
    const stop = this.#options.platform.setTimer(PATIENCE_MS, () => this.#drop(client));
    try {
      const result = await client.query({ ...name, text: one.sql, values: [...params] });
      return result.rows as Row[];
    } catch (error) {
      if (!isStatementError(error)) this.#drop(client);
      throw error;
    } finally {
      stop();
    }
  }

  #open(): Promise<Opened> {
    if (this.#isClosed) return Promise.reject(pawlError('STORE_UNAVAILABLE', { problem: 'it is closed' }));
    this.#opened ??= this.#connect().catch((error: unknown) => {
      this.#opened = undefined;
      throw isPawlError(error) ? error : (surroundingsError(error) ?? unavailable(error));
    });
    return this.#opened;
  }

  async #connect(): Promise<Opened> {
    const { url, onOpen, onNotice, commits } = this.#options;
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'pawl',
      types: { getTypeParser },
    });
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    client.on('notification', ({ processId }) => onNotice?.(processId));
    try {
      await client.connect();
      const session = await begin(client, commits === true ? WRITER_SETTINGS : '');
      await onOpen?.(session);
      this.#client = client;
      this.#retryMs = FIRST_RETRY_MS;
      return { client, isPooled: session.isPooled };
    } catch (error) {
      await this.#end(client);
      throw error;
    }
  }

  /** Says good-bye; a server that does not answer is left without a word. */
  async #end(client: Client): Promise<void> {
    const stop = this.#options.platform.setTimer(GOODBYE_MS, () => streamOf(client)?.destroy());
    await client.end().catch(() => undefined); // a line that is broken already
    stop();
  }

  /** Forgets a session whose line broke; what is under way on it fails. */
  #drop(client: Client): void {
    if (this.#client === client) {
      this.#client = undefined;
      this.#opened = undefined;
      this.#options.onLost?.();
      this.#return();
    }
    streamOf(client)?.destroy();
  }

  /** Makes the session anew for those who rely on it. */
  #return(): void {
    const { platform, isNeeded } = this.#options;
    if (this.#isClosed || isNeeded?.() !== true) return;
    this.#stopRetry?.();
    const delayMs = Math.round(this.#retryMs * (0.8 + 0.4 * platform.random()));
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    this.#stopRetry = platform.setTimer(delayMs, () => {
      this.wake().catch(() => this.#return());
    });
  }
}

async function begin(client: Client, settings: string): Promise<DatabaseSession> {
  const { rows } = await client.query<{ pid: number; version: number; encoding: string }>(serverFacts.sql);
  const [facts] = rows;
  const ownPid = (client as { readonly processID?: number | null }).processID ?? 0; // not in its types
  if (facts === undefined || facts.version < OLDEST_VERSION)
    throw pawlError('STORE_UNAVAILABLE', {
      problem: `PostgreSQL ${OLDEST_VERSION / 10_000} or later is needed`,
    });
  // A text that it cannot hold would stop the run that records it.
  if (facts.encoding !== 'UTF8')
    throw pawlError('STORE_UNAVAILABLE', {
      problem: `the encoding of the database is ${facts.encoding}, and UTF8 is needed`,
    });
  const isPooled = facts.pid !== ownPid;
  if (!isPooled) await client.query(`${SETTINGS}; ${settings}`);
  const run = async (sql: string, params: Params = []) => (await client.query<object>(sql, [...params])).rows;
  return { isPooled, pid: facts.pid, run };
}

/** The socket below a client, to end it where the other side says nothing any more. */
function streamOf(client: Client): { destroy(): void } | undefined {
  return (client as { readonly connection?: { readonly stream?: { destroy(): void } } }).connection?.stream;
}

const INT8 = 20;

/** Numbers of 64 bits come as numbers: all of ours are whole and below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8) return safeNumber;
  return types.getTypeParser(oid, format) as (text: string) => unknown;
}

function safeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw pawlError('STORE_CORRUPT', { what: `the number ${text} is too large` });
  return value;
}

const names = new WeakMap<object, string>();
let named = 0;

/** A statement keeps its name for the life of the process. */
function nameOf(one: object): string {
  let name = names.get(one);
  if (name === undefined) {
    named += 1;
    name = `pawl_${named}`;
    names.set(one, name);
  }
  return name;
}
