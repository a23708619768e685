/** Verification contracts: the clauses that are enforced here, all of them. */
import type { Json } from '../../std/index.ts';
import { type Fields, type Part } from '../part.ts';
import { failures, type HarnNode, type HarnStep, literalText, stepRef, stepTarget } from './node.ts';
import { workOf } from './work.ts';

/** A verification step: its clauses, or somebody who judges. */
export function verifyStep(node: HarnNode): HarnStep {
  const clauses = clausesOf(node, node.verify);
  const hasJudge = ['mode', 'prompt', 'system', 'tools', 'task_label'].some((name) => {
    const { value } = node.part.at(name);
    return (
      value !== undefined && value !== null && value !== '' && value !== 'command' && !isEmptyList(value)
    );
  });
  const mode = node.part.at('mode');
  if (mode.isThere)
    mode.nearly(
      stepTarget(node, 'with.clauses'),
      mode.value === 'command' ? 'a verification' : 'who verifies is a judge',
    );
  const judges = hasJudge ? [{ judge: workOf(node) }] : [];
  const all: Fields[] = [...clauses, ...judges];
  if (all.length === 0)
    node.part.differs(
      'it checks nothing, and would always pass: give it a command, a text, paths or a prompt',
    );
  const { error, failed } = failures(node.id);
  return {
    step: { kind: 'verify', with: { clauses: all } },
    branches: { passed: [{ on: ['passed'] }], failed, error },
    good: ['passed'],
  };
}

function isEmptyList(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** What a stage itself has to hold: kept with it, until steps have contracts. */
export function contractOf(node: HarnNode): Fields {
  const clauses = clausesOf(node, node.verify);
  return clauses.length === 0 ? {} : { verify: { clauses } };
}

/** `verify`, and the contract inside of it. */
function clausesOf(node: HarnNode, verify: Part): Fields[] {
  if (!verify.isThere) return [];
  const target = stepTarget(node, node.kind === 'verify' ? 'with.clauses' : 'verify.clauses');
  const contract = verify.at('contract');
  for (const part of [verify, contract]) {
    part.at('summary').without('a contract has clauses alone');
    part.at('notes').without('a contract has clauses alone');
  }
  for (const path of ['contract_path', 'verification_contract_path'])
    if (verify.at(path).isThere)
      verify.at(path).differs('a contract in a file of its own is not read: write it into `contract`');
  const places = [verify, contract];
  return [
    ...commandClause(places, target),
    ...pathClause(places, target),
    ...textClause(node, places, target),
  ];
}

function first(places: readonly Part[], name: string): Part {
  const found = places.map((place) => place.at(name));
  return found.find((part) => part.isThere) ?? (found[0] as Part);
}

/** A command that ends with 0 unless it is told otherwise; its two outputs are looked at as one. */
function commandClause(places: readonly Part[], target: string): Fields[] {
  const [command, status, text, seen] = ['command', 'expect_status', 'expect_text', 'assert_text'].map(
    (name) => first(places, name),
  ) as [Part, Part, Part, Part];
  const line = command.text();
  if (line === undefined) return [];
  command.to(
    `${target}.command`,
    status.isThere ? undefined : 'it must end with 0, where nothing was asked there',
  );
  const expected = status.number();
  if (expected !== undefined) status.to(`${target}.status`);
  const wanted = [text, seen].flatMap((part) => {
    const one = part.text();
    if (one === undefined) return [];
    part.to(`${target}.contains`);
    return [literalText(one)];
  });
  const whole = wanted.length === 0 ? line : `{ ${line.trim()}\n} 2>&1`;
  return [
    {
      command: literalText(whole),
      ...(expected === undefined ? {} : { status: expected }),
      ...(wanted.length === 0 ? {} : { contains: wanted }),
    },
  ];
}

function listOf(places: readonly Part[], name: string, target: string): string[] {
  return places.flatMap((place) => {
    const part = place.at(name);
    if (!part.isThere) return [];
    const texts = typeof part.value === 'string' ? [part.value] : part.texts();
    part.to(target);
    return texts.map(literalText);
  });
}

function pathClause(places: readonly Part[], target: string): Fields[] {
  const checks = checksOf(places, 'path', target);
  const files = [...listOf(places, 'required_paths', `${target}.files`), ...checks];
  return files.length === 0 ? [] : [{ files }];
}

const TEXT_CHECKS = ['identifier', 'text', 'visible_text_contains', 'combined_output_contains'];

/** Texts are looked for in what the steps before it gave. */
function textClause(node: HarnNode, places: readonly Part[], target: string): Fields[] {
  const where = `${target}.contains`;
  const contains = ['required_identifiers', 'required_text'].flatMap((name) => listOf(places, name, where));
  for (const kind of TEXT_CHECKS) contains.push(...checksOf(places, kind, target));
  const hasCommand = first(places, 'command').isThere;
  const alone = hasCommand
    ? []
    : ['assert_text', 'expect_text'].flatMap((name) => listOf(places, name, where));
  const all = [...contains, ...alone];
  if (!hasCommand) first(places, 'expect_status').without('there is no command that could end with it');
  if (all.length === 0) return [];
  if (node.before.length === 0) {
    node.part.differs('it looks for texts, and nothing comes before it that could give one');
    return [];
  }
  const text = node.before.map((id) => `{{ ${stepRef(id)}.output }}`).join('\n');
  return [{ text: `${text}\n`, contains: all }];
}

/** `checks: [{ kind, value, note }]`, of one kind. */
function checksOf(places: readonly Part[], kind: string, target: string): string[] {
  const checks = places.flatMap((place) => place.at('checks').items());
  return checks.flatMap((check) => {
    const name = check.at('kind').text();
    const value = check.at('value').text();
    const isKnown = name === 'path' || TEXT_CHECKS.includes(name ?? '');
    if (!isKnown)
      check
        .at('kind')
        .refuse(
          'IMPORT_KIND_UNKNOWN',
          { kind: name ?? '' },
          { name: name ?? '', known: ['path', ...TEXT_CHECKS] },
        );
    if (name !== kind || value === undefined) return [];
    for (const field of ['kind', 'value']) check.at(field).to(target);
    check.at('note').without('a note for the reader of the contract');
    return [literalText(value)];
  });
}
