/** The law of the house: which room of packages/pawl/src may import which, and which rooms are pure. */
// `imports`   rooms whose index.ts may be imported (type imports count). A room may always import itself.
// `packages`  what it may import from outside, `node:` modules included ('*': any declared dependency).
// `purity`    pure: a function of its arguments: no clock, chance, timers, I/O, process, and no async.
//             deterministic: may use promises, and must not read a clock, chance or the outside.
//             open: may do what its work needs.
// `impure`    files of a pure room that may touch the named thing, each with its reason.
// A room named a/b is a room of its own inside the folder of room a.

const schema = ['@standard-schema/spec', 'zod'];

/** @type {import('../test/house/walls.ts').Law['rooms']} */
export const rooms = {
  errors: { title: 'the error catalogue', purity: 'pure', imports: [], packages: [] },
  std: {
    title: 'small tools',
    purity: 'pure',
    imports: ['errors'],
    packages: [...schema, 'ajv', 're2js', 'node:crypto', 'node:module'], // createHash only: chance is caught by the purity check; createRequire, for what is loaded late
  },
  step: { title: 'what every kind promises', purity: 'pure', imports: ['std', 'errors'], packages: schema },
  graph: {
    title: 'a workflow as data',
    purity: 'pure',
    imports: ['std', 'errors', 'step'],
    packages: [...schema, 'yaml', '@marcbachmann/cel-js'],
  },
  import: {
    title: 'graphs of other systems',
    purity: 'pure',
    imports: ['std', 'errors', 'step', 'graph'],
    packages: [],
  },
  run: {
    title: 'events, state, fold, commands',
    purity: 'pure',
    imports: ['std', 'errors', 'step'],
    packages: schema,
  },
  policy: {
    title: 'rules to verdicts',
    purity: 'pure',
    imports: ['std', 'errors', 'step', 'run'],
    packages: schema,
  },
  decide: {
    title: 'graphs as drivers',
    purity: 'pure',
    imports: ['std', 'errors', 'step', 'run', 'graph'],
    packages: [],
  },
  replay: {
    title: 'functions as drivers',
    purity: 'deterministic',
    imports: ['std', 'errors', 'step', 'run'],
    packages: [...schema, 'node:async_hooks'],
  },
  clients: {
    title: 'wires outward, behind ports',
    purity: 'open',
    imports: ['std', 'errors'],
    packages: ['*', 'node:*'],
  },
  store: {
    title: 'the port to what is kept',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run'],
    packages: [...schema, 'node:*'],
  },
  'store/sqlite': {
    title: 'the store in a file',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run', 'store'],
    packages: ['node:*'],
  },
  'store/postgres': {
    title: 'the store in a database server',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run', 'store'],
    packages: ['node:*', 'pg'],
  },
  'store/sharded': {
    title: 'one store over several clusters',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run', 'store'],
    packages: [],
  },
  kinds: {
    title: 'one folder a step kind',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'clients'],
    packages: ['*', 'node:*'],
  },
  worker: {
    title: 'claim, guard, execute, account, commit',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run', 'replay', 'graph', 'decide', 'policy', 'store'],
    packages: [...schema, 'node:*'],
  },
  telemetry: {
    title: 'observers',
    purity: 'open',
    imports: ['std', 'errors', 'step', 'run'],
    packages: ['*', 'node:*'],
  },
  engine: {
    title: 'composition root and client API',
    purity: 'open',
    imports: [
      'std',
      'errors',
      'step',
      'graph',
      'run',
      'policy',
      'decide',
      'replay',
      'clients',
      'store',
      'kinds',
      'worker',
      'telemetry',
    ],
    packages: ['*', 'node:*'],
  },
  http: {
    title: 'API and event stream',
    purity: 'open',
    imports: ['std', 'errors', 'run', 'engine'],
    packages: ['*', 'node:*'],
  },
  cli: {
    title: 'the command line',
    purity: 'open',
    imports: ['std', 'errors', 'graph', 'import', 'run', 'engine', 'http', 'index.ts'],
    packages: ['*', 'node:*'],
    importsUserCode: true, // loads workflow files that a person names
  },
  testing: {
    title: 'kit for users and contract suites',
    purity: 'open',
    imports: [
      'std',
      'errors',
      'step',
      'graph',
      'run',
      'policy',
      'decide',
      'replay',
      'clients',
      'store',
      'kinds',
      'worker',
      'telemetry',
      'engine',
      'index.ts',
      'sqlite.ts',
    ],
    packages: ['*', 'node:*'],
  },
};

/** Doors of the package: the files of src outside every room. Only these may name a concrete store. */
/** @type {import('../test/house/walls.ts').Law['entries']} */
export const entries = {
  'pawl.ts': {
    imports: ['std', 'errors', 'store', 'store/sqlite', 'store/postgres', 'store/sharded', 'engine', 'kinds'],
  },
  'index.ts': { imports: ['std', 'errors', 'step', 'graph', 'run', 'replay', 'engine', 'pawl.ts'] },
  'http.ts': { imports: ['http'] },
  'sqlite.ts': { imports: ['store', 'store/sqlite'] },
  'postgres.ts': { imports: ['store', 'store/postgres', 'store/sharded'] },
};

/** Rooms whose folders are strangers to each other: one may not import from the next. */
export const strangers = ['kinds'];

/**
 * Files that touch the outside for everyone else. Elsewhere a clock, chance, a timer, the environment and the console come in
 * as arguments, so that a simulation can stand in for them.
 */
/** @type {Record<string, string>} */
export const platform = {
  'engine/platform.ts': 'the one implementation of the Platform port',
  'testing/fake-platform.ts': 'the Platform port under the control of a test',
  'clients/clock.ts': 'the wires outward run in real time, outside of every simulation',
};

/** Rooms that talk to a terminal or a process as their work. */
export const terminals = ['cli'];
