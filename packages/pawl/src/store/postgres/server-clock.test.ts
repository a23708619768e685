/** What a process knows of the server's time. */
import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

function clocks(now: number) {
  let monotonic = 1_000;
  const server = new ServerClock({ now: () => now, monotonic: () => monotonic });
  return { server, pass: (ms: number) => (monotonic += ms) };
}

test('it is our own until the server has said its own, and goes on by the monotonic clock', () => {
  const { server, pass } = clocks(5_000_000);
  expect(server.now()).toBe(5_000_000);
  pass(250);
  expect([server.now(), server.monotonic()]).toEqual([5_000_250, 1_250]);
});

test('an answer sets it to the middle of what it can be', () => {
  const { server, pass } = clocks(5_000_000);
  pass(100); // the way there and back
  server.learn(9_000_000.5, 1_000);
  expect(server.now()).toBe(9_000_050);
});

test('an answer that it fits into changes nothing, however long it took', () => {
  const { server, pass } = clocks(5_000_000);
  server.learn(9_000_000, 1_000);
  pass(400);
  server.learn(9_000_300, 1_000); // read by the server anywhere between 0 and 400 ms
  expect(server.now()).toBe(9_000_400);
  server.learn(8_000_000, 1_400);
  expect(server.now()).toBe(8_000_000);
});
