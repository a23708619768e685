/** A store whose commits all land, but whose answers are lost now and then: nobody knows what became of those commits. */
import { pawlError } from '../../../packages/pawl/src/errors/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';

export function losingAnswers(store: Store, every: number): Store {
  let commits = 0;
  const commit: Store['commit'] = async (batches) => {
    const answers = await store.commit(batches);
    commits += 1;
    if (commits % every === 0)
      throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer of this commit' });
    return answers;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'commit') return commit;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
