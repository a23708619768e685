/** What views are made of: RFC 3339 times, decimal money, decoded values, and nothing undefined. */
import { decodePayload, type Json, type Payload } from '../std/index.ts';
import { formatUsd, type Usage } from '../step/index.ts';
import type { UsageView } from './api.ts';

export function time(ms: number): string {
  return new Date(ms).toISOString();
}

export function value(payload: Payload | undefined): Json | undefined {
  return payload === undefined ? undefined : decodePayload(payload);
}

/** Leaves out what is undefined, so that views are as small as their JSON. */
export function present<T extends object>(view: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(view).filter(([, part]) => part !== undefined)) as T;
}

export function usageView(usage: Usage): UsageView {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    costUsd: formatUsd(usage.costNanoUsd),
  };
}
