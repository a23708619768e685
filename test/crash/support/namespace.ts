/** A network of its own for processes of this machine, joined to it by one wire that a test can cut. */
import { spawnSync } from 'node:child_process';

let count = 0;

export class NetworkNamespace {
  readonly name: string;
  /** The address of this machine as it is seen from inside. */
  readonly host: string;
  readonly #wire: string;

  private constructor(name: string, host: string) {
    this.name = name;
    this.host = host;
    this.#wire = `${name}w`;
  }

  /** Why none can be made here; undefined where one can. */
  static problem(): string | undefined {
    if (process.platform !== 'linux') return 'only Linux has network namespaces';
    try {
      new NetworkNamespace(nextName(), addressOf(0)).#make().remove();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** @throws where this user may not, or the tool is missing. */
  static create(): NetworkNamespace {
    return new NetworkNamespace(nextName(), addressOf(count)).#make();
  }

  /** What stands before a command that is to run inside. */
  get command(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Nothing comes through in either direction, and nobody is told. */
  cut(): void {
    ip('link', 'set', this.#wire, 'down');
  }

  heal(): void {
    ip('link', 'set', this.#wire, 'up');
  }

  remove(): void {
    ip('netns', 'delete', this.name); // and the wire with it
  }

  #make(): this {
    const inside = `${this.name}i`;
    ip('netns', 'add', this.name);
    try {
      ip('link', 'add', this.#wire, 'type', 'veth', 'peer', 'name', inside, 'netns', this.name);
      ip('address', 'add', `${this.host}/30`, 'dev', this.#wire);
      ip('link', 'set', this.#wire, 'up');
      ip('-n', this.name, 'address', 'add', `${peerOf(this.host)}/30`, 'dev', inside);
      ip('-n', this.name, 'link', 'set', inside, 'up');
    } catch (error) {
      this.remove();
      throw error;
    }
    return this;
  }
}

/** At most 15 characters for the wire. */
function nextName(): string {
  count += 1;
  return `pw${process.pid % 10_000_000}n${count}`;
}

/** Networks of four addresses in a range that is meant for tests of networks (RFC 2544). */
function addressOf(number: number): string {
  const place = (process.pid * 8 + number) % 16_384;
  return `198.18.${place >> 6}.${((place & 63) << 2) + 1}`;
}

function peerOf(host: string): string {
  const [a, b, c, d] = host.split('.');
  return `${a}.${b}.${c}.${Number(d) + 1}`;
}

function ip(...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`ip is missing: ${error.message}`);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
}
