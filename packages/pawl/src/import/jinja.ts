/** Templates of Jinja as those of Pawl: paths and comparisons; what repeats, decides or filters is refused. */
import { type DataStyle, guarded, pathOf, plain, valueOrElse } from './data-path.ts';
import { readCondition } from './condition.ts';

export type TemplateReading =
  | { readonly ok: true; readonly text: string; readonly environment: readonly string[] }
  | { readonly ok: false; readonly problem: string };

const PART = /\{\{(.*?)\}\}|\{%.*?%\}|\{#.*?#\}|\$\{([A-Za-z_]\w*)\}/gs;

/**
 * Converts a text; `environment` names the variables of the environment that it asks for, which stay in the text as `${NAME}`:
 * expressions know no environment.
 */
export function readTemplate(text: string, style: DataStyle): TemplateReading {
  const environment: string[] = [];
  const problems: string[] = [];
  const isWhole = /^\s*\{\{(?:(?!\}\}).)*\}\}\s*$/s.test(text);
  const converted = text.replaceAll(PART, (all: string, expression?: string, variable?: string) => {
    const name = variable ?? /^\s*env\.([A-Za-z_]\w*)\s*$/.exec(expression ?? '')?.[1];
    if (name !== undefined) {
      environment.push(name);
      return `\${${name}}`;
    }
    if (all.startsWith('{#')) return '';
    if (expression === undefined) {
      problems.push(`${shortened(all)} decides or repeats, and templates here do neither`);
      return all;
    }
    const made = expressionOf(expression.trim(), style, isWhole);
    if (made.ok) return `{{ ${made.cel} }}`;
    problems.push(`${shortened(all)}: ${made.problem}`);
    return all;
  });
  const [problem] = problems;
  if (problem !== undefined) return { ok: false, problem };
  return { ok: true, text: isWhole ? converted.trim() : converted, environment };
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

type Made = { readonly ok: true; readonly cel: string } | { readonly ok: false; readonly problem: string };

function expressionOf(text: string, style: DataStyle, isWhole: boolean): Made {
  const path = pathOf(text, style);
  if (path?.root === 'output')
    return { ok: false, problem: 'an output is known by the name of its step alone' };
  if (path) return { ok: true, cel: valueOrElse(plain(guarded(path, style)), isWhole ? 'null' : '""') };
  if (text.includes('|')) return { ok: false, problem: 'filters are not offered' };
  if (/^(?:"[^"\\{}]*"|-?\d+(?:\.\d+)?)$/.test(text)) return { ok: true, cel: text };
  const reading = readCondition(text, style);
  return reading.ok ? { ok: true, cel: reading.condition.cel } : reading;
}
