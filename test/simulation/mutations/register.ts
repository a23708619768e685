/** Loaded before everything else (`node --import`): sources of Pawl are read as the mutation leaves them. Nothing on the disk changes. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { mutations } from './all.ts';
import { mutate } from './mutation.ts';

const wanted = process.env['SIMULATION_MUTATION'];
const mutation = mutations.find((one) => one.id === wanted);
if (!mutation) throw new Error(`there is no mutation "${wanted}"`);
const sources = new URL('../../../packages/pawl/src/', import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const file = url.slice(sources.length);
    if (!url.startsWith(sources) || !mutation.edits.some((edit) => edit.file === file)) return loaded;
    return { ...loaded, source: mutate(mutation, file, readFileSync(new URL(url), 'utf8')) };
  },
});
