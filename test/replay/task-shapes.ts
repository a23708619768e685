/** One graph for each shape that the history of steps on other workers can have, and what becomes of the runs of the kept histories. */
import type { AnyWorkflow } from 'pawl';
import { graph } from './graph-shapes.ts';
import type { Shape } from './shapes.ts';

const sent = graph(
  'sent',
  `retries: { quick: { attempts: 3, initial: 10ms, jitter: 0 } }
steps:
  one: { kind: function, with: { function: note, input: 1 }, queue: gpu, dispatch: true }
  two: { kind: function, with: { function: flaky }, dispatch: true, retry: quick }
  three: { kind: function, with: { function: note, input: 3 } }
edges: [one -> two, two -> three]
output: "[steps.one.output, steps.two.output, steps.three.output]"
`,
);

const begun = graph(
  'begun',
  `steps:
  out: { kind: function, with: { function: stall }, dispatch: true, heartbeat: 1h, timeout: 2h }
  after: { kind: function, with: { function: note, input: 7 } }
edges: [out -> after]
output: "[steps.out.output, steps.after.output]"
`,
);

const undone = graph(
  'undone',
  `steps:
  out: { kind: function, with: { function: stall }, dispatch: true }
`,
);

const ada = { by: 'ada' };

export const taskShapes: readonly Shape[] = [
  {
    run: 'sent',
    workflow: sent,
    kept: { status: 'completed', steps: { one: 'completed', two: 'completed', three: 'completed' } },
    end: { status: 'completed', output: [1, 3, 3] },
  },
  {
    run: 'begun',
    workflow: begun,
    kept: { status: 'running', steps: { out: 'running' } },
    end: { status: 'completed', output: [0, 7] },
    fires: ['out', 'after'],
  },
  {
    run: 'undone',
    workflow: undone,
    before: (engine, run) => engine.cancel(run, ada),
    kept: { status: 'cancelled', steps: { out: 'cancelled' } },
    end: { status: 'cancelled' },
  },
];

export const taskGraphs: readonly AnyWorkflow[] = taskShapes.map(({ workflow }) => workflow);
