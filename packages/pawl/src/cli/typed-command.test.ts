/** Promises of the commands that are printed: typed as they stand, they do what they say. */
import { describe, expect, test } from 'vitest';
import { typedFor, typedText } from './typed-command.ts';

const here = typedFor({ store: 'sqlite:.pawl/pawl.db', isStoreNamed: false, tenant: 'default' });
const there = typedFor({ store: 'sqlite:my data/a.db', isStoreNamed: true, tenant: 'default' });

describe('a printed command', () => {
  test('goes through npx, which finds Pawl in a project', () => {
    expect(here('pawl why r1')).toBe('npx pawl why r1');
  });

  test('names the store where it is not the default, as a shell takes it', () => {
    expect(there('pawl why r1')).toBe("npx pawl why r1 --store 'sqlite:my data/a.db'");
    expect(there('pawl help')).toBe('npx pawl help');
  });

  test('names the tenant where it is not the default one', () => {
    const acme = typedFor({ store: 'sqlite:a.db', isStoreNamed: true, tenant: 'acme' });
    expect(acme('pawl approve r1 ship')).toBe('npx pawl approve r1 ship --store sqlite:a.db --tenant acme');
  });

  test('is found in a text by its backquotes', () => {
    const text = 'List runs with `pawl runs`, or use `pawl.open({ store })`, or `pawl retry RUN`.';
    expect(typedText(text, here)).toBe(
      'List runs with `npx pawl runs`, or use `pawl.open({ store })`, or `npx pawl retry RUN`.',
    );
  });
});
