/** A line to a server that a test can cut: before what is sent arrives, or before what is answered comes back. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';

export interface LineOptions {
  /** Whether it looks like a pooler: sessions seem to be of another process than the one that serves them. */
  readonly isPooler?: boolean;
}

export class Line {
  readonly url: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #to: URL;
  #cuts: 'never' | 'request' | 'answer' = 'never';

  private constructor(server: Server, url: URL, to: URL) {
    this.#server = server;
    this.url = url.href;
    this.#to = to;
  }

  static async to(target: string, options: LineOptions = {}): Promise<Line> {
    const to = new URL(target);
    const from = new URL(target);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    from.port = String((server.address() as AddressInfo).port);
    const line = new Line(server, from, to);
    server.on('connection', (near) => line.#connect(near, options));
    return line;
  }

  /** The next thing that is sent is lost on its way, or arrives and its answer is lost; then every connection is cut. */
  cutNext(what: 'request' | 'answer'): void {
    this.#cuts = what;
  }

  /** The same address leads to another server from here on, as a virtual one does behind a failover. */
  moveTo(target: string): void {
    this.#to = new URL(target);
    this.cut();
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
    this.#open.clear();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connect(near: Socket, { isPooler = false }: LineOptions): void {
    const far = connect(Number(this.#to.port), this.#to.hostname);
    for (const socket of [near, far]) {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [near, far].forEach((one) => one.destroy()));
    }
    let isPosing = isPooler;
    near.on('data', (data) => (this.#cuts === 'request' ? this.#cutNow() : far.write(data)));
    far.on('data', (data) => {
      if (this.#cuts === 'answer') return this.#cutNow();
      if (isPosing) isPosing = !pose(data);
      near.write(data);
    });
  }

  #cutNow(): void {
    this.#cuts = 'never';
    nodePlatform().nextTurn(() => this.cut());
  }
}

/** "K", 12: the process and the secret of a session (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const KEY_DATA = Buffer.from([0x4b, 0, 0, 0, 12]);

/** Names another process in the key data of a session, where they stand in these bytes. */
function pose(data: Buffer): boolean {
  const at = data.indexOf(KEY_DATA);
  if (at === -1) return false;
  data.writeInt32BE(1, at + KEY_DATA.length);
  return true;
}
