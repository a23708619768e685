/** What a step used: tokens and money, folded by addition. */
import { pawlError } from '../errors/index.ts';
import { checkOptions } from '../std/index.ts';

/** Money is integer nano-USD inside (1 USD = 1_000_000_000) and a decimal text outside. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: number;
}

/** What `report` in a step takes. */
export interface UsageReport {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** US dollars, as a decimal text (`"0.0021"`) or a number. */
  readonly costUsd?: string | number;
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, costNanoUsd: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costNanoUsd: a.costNanoUsd + b.costNanoUsd,
  };
}

export function isNoUsage(usage: Usage): boolean {
  return usage.inputTokens === 0 && usage.outputTokens === 0 && usage.costNanoUsd === 0;
}

/** @throws `OPTION_INVALID` where a count is negative or not a number, `OPTION_UNKNOWN` */
export function usageOf(report: UsageReport): Usage {
  checkOptions(report, { where: 'report', known: ['inputTokens', 'outputTokens', 'costUsd'] });
  const inputTokens = count(report.inputTokens, 'inputTokens');
  const outputTokens = count(report.outputTokens, 'outputTokens');
  return { inputTokens, outputTokens, costNanoUsd: nanoUsd(report.costUsd ?? 0) };
}

function count(value: number | undefined, name: string): number {
  const known = value ?? 0;
  if (!Number.isSafeInteger(known) || known < 0)
    throw pawlError('OPTION_INVALID', {
      where: `report.${name}`,
      problem: `${String(value)} is not a count`,
    });
  return known;
}

const AMOUNT = /^\d+(\.\d+)?(e[-+]?\d+)?$/i;

function nanoUsd(value: string | number): number {
  const nano = AMOUNT.test(String(value)) ? Math.round(Number(value) * 1e9) : Number.NaN;
  if (!Number.isSafeInteger(nano) || nano < 0)
    throw pawlError('OPTION_INVALID', {
      where: 'report.costUsd',
      problem: `${String(value)} is not an amount`,
    });
  return nano;
}

/** Nano-USD as a decimal text without trailing zeros: `"0.0021"`. */
export function formatUsd(nano: number): string {
  const digits = String(nano).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -9) : `${digits.slice(0, -9)}.${fraction}`;
}
