/** What a worker must have to execute a step that waits for one: its kind, or what a kind with many targets calls by name. */
import type { AnyKind } from '../step/index.ts';

/** Of a kind that is not here nobody knows more than its name. */
export function needOf(kind: AnyKind, input: unknown): string {
  const target = kind.targets?.of(input as never);
  return target === undefined ? kind.name : `${kind.name}:${target}`;
}

/** Everything that tasks can need and that is here. */
export function offersOf(kinds: ReadonlyMap<string, AnyKind>): readonly string[] {
  return [...kinds.values()].flatMap(({ name, targets }) =>
    targets ? targets.names.map((target) => `${name}:${target}`) : [name],
  );
}

/** Names of kinds hold no ":". */
export function kindNameOf(need: string): string {
  const end = need.indexOf(':');
  return end === -1 ? need : need.slice(0, end);
}
