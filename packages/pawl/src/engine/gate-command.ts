/** The command that answers an open question, as a shell takes it, with a value of the shape that is asked for. */
import type { WaitState } from '../run/index.ts';
import { shellWord } from '../std/index.ts';
import { sampleOf } from './sample-value.ts';

export type Asked = Pick<WaitState, 'path' | 'name' | 'schema' | 'approvers'> & {
  readonly kind: Exclude<WaitState['kind'], 'sleep'>;
};

/** A signal that nobody has described needs no payload; of several who may decide, the first is named. */
export function gateCommand(runId: string, { kind, path, name, schema, approvers }: Asked): string {
  switch (kind) {
    case 'approval':
      return `pawl approve ${runId} ${shellWord(path)} --by ${shellWord(approvers?.[0] ?? 'NAME')}`;
    case 'input':
      return `pawl answer ${runId} ${shellWord(path)} ${sample(schema)} --by NAME`;
    case 'signal':
      return ['pawl signal', runId, shellWord(name), ...(schema === undefined ? [] : [sample(schema)])].join(
        ' ',
      );
  }
}

function sample(schema: unknown): string {
  return shellWord(JSON.stringify(sampleOf(schema)));
}
