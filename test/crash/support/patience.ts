/** How long a test asks again for what must come soon: a loaded machine may take its time, a lost wake-up takes for ever. */
export const PATIENCE = { timeout: 30_000, interval: 20 } as const;
