/** Promises that a roster holds what a map would hold. */
import { assert, constantFrom, integer, property, array, record } from 'fast-check';
import { expect, test } from 'vitest';
import { Roster } from './roster.ts';

const act = record({ what: constantFrom('set', 'delete'), key: integer({ min: 0, max: 6 }), n: integer() });

test('whatever comes and goes, it has what a map would have', () => {
  assert(
    property(array(act, { maxLength: 60 }), (acts) => {
      const roster = new Roster<number, { readonly n: number }>();
      const map = new Map<number, { readonly n: number }>();
      for (const { what, key, n } of acts) {
        if (what === 'set') {
          roster.set(key, { n });
          map.set(key, { n });
        } else {
          roster.delete(key);
          map.delete(key);
        }
        expect(roster.size).toBe(map.size);
        for (let one = 0; one <= 6; one += 1) {
          expect(roster.has(one)).toBe(map.has(one));
          expect(roster.get(one)).toEqual(map.get(one));
        }
      }
      const inOrder = (values: Iterable<{ readonly n: number }>) =>
        [...values].map(({ n }) => n).toSorted((a, b) => a - b);
      expect(inOrder(roster.values())).toEqual(inOrder(map.values()));
    }),
  );
});

test('who leaves while the others are visited is not visited', () => {
  const roster = new Roster<string, { readonly name: string }>();
  for (const name of ['ada', 'bob', 'cleo']) roster.set(name, { name });
  const visited: string[] = [];
  for (const { name } of roster.values()) {
    visited.push(name);
    roster.delete('bob');
  }
  expect(visited).toEqual(['ada', 'cleo']);
});

test('a place that was left is taken again', () => {
  const roster = new Roster<string, { readonly name: string }>();
  for (const name of ['ada', 'bob', 'cleo']) roster.set(name, { name });
  roster.delete('ada');
  roster.set('dan', { name: 'dan' });
  expect([...roster.values()].map(({ name }) => name)).toEqual(['dan', 'bob', 'cleo']);
});
