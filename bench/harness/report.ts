/** From samples to the lines of a report: medians, ratios, and whether a target was met. */
import type { Pair } from './take-samples.ts';
import { median } from './statistics.ts';
import type { Metric, Sample, Workload } from './workload.ts';

export interface Line {
  readonly workload: string;
  readonly title: string;
  readonly unit: string;
  readonly floor: number | undefined;
  readonly pawl: number;
  /** Pawl / floor. */
  readonly ratio: number | undefined;
  readonly target: string | undefined;
  readonly isMet: boolean | undefined;
  /** The share of the machine that others used at worst, 0 to 1. */
  readonly others: number;
  /** The single measurements behind the medians. */
  readonly floorSamples: readonly number[];
  readonly pawlSamples: readonly number[];
}

export function linesOf(workload: Workload, pairs: readonly Pair[]): readonly Line[] {
  return workload.metrics.map((metric) => {
    const floorSamples = valuesOf(
      pairs.map((pair) => pair.floor),
      metric,
    );
    const pawlSamples = valuesOf(
      pairs.map((pair) => pair.pawl),
      metric,
    );
    const floor = floorSamples.length === 0 ? undefined : median(floorSamples);
    const pawl = median(pawlSamples);
    return {
      workload: workload.id,
      title: metric.title,
      unit: metric.unit,
      floor,
      pawl,
      ratio: floor === undefined ? undefined : pawl / floor,
      target: targetText(metric),
      isMet: isMet(metric, pawl),
      others: Math.max(...pairs.map((pair) => pair.others)),
      floorSamples,
      pawlSamples,
    };
  });
}

function valuesOf(samples: readonly (Sample | undefined)[], { key }: Metric): readonly number[] {
  return samples.flatMap((sample) => (sample === undefined ? [] : [sample[key] ?? Number.NaN]));
}

function targetText({ target }: Metric): string | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? `≤ ${numberText(target.atMost)}` : `≥ ${numberText(target.atLeast)}`;
}

function isMet({ target }: Metric, value: number): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** Three digits that matter, or all of a large number. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
}
