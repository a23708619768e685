/** A kind for the tests of the command line: it ends well in two ways, if it ends. */
import { defineKind } from 'pawl';

export const pay = defineKind({
  name: 'pay',
  labels: ['paid', 'free'],
  execute: () => Promise.reject(new Error('reset')),
});
