/** Promises of what the engine logs at a terminal. */
import { describe, expect, test } from 'vitest';
import { terminalLog } from './terminal-log.ts';

describe('the log at a terminal', () => {
  test('is one line with its facts, and no control characters', () => {
    const lines: string[] = [];
    const { logger } = terminalLog((line) => lines.push(line), undefined);
    logger.log('warn', 'it\u001b[2J failed\nagain', { runId: 'r1', attempt: 2 });
    expect(lines).toEqual(['warn: it\uFFFD[2J failed again  runId=r1  attempt=2']);
  });

  test.each([
    [undefined, ['warn', 'error']],
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['error', ['error']],
  ])('starts at the level that PAWL_LOG=%s names', (wanted, levels) => {
    const lines: string[] = [];
    const { logger } = terminalLog((line) => lines.push(line), wanted);
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger.log(level, 'm');
    expect(lines).toEqual(levels.map((level) => `${level}: m`));
  });

  test('goes through a live view while there is one', () => {
    const [first, second]: [string[], string[]] = [[], []];
    const { logger, redirect } = terminalLog((line) => first.push(line), undefined);
    redirect((line) => second.push(line));
    logger.log('error', 'during');
    redirect(undefined);
    logger.log('error', 'after');
    expect([first, second]).toEqual([['error: after'], ['error: during']]);
  });
});
