/** Templates: `{{ expression }}` inside texts; a text that is one template keeps the type of its value. */
import type { Json } from '../std/index.ts';
import type { Expression, ExpressionChecker, ExpressionScope } from './expression.ts';
import { isRecord } from './expression-types.ts';
import { type DocumentPath, textOfPath } from './problem.ts';

export interface TemplateProblem {
  /** The part of the template, from its top. */
  readonly path: DocumentPath;
  readonly source: string;
  readonly problem: string;
  readonly position: number;
}

export type Resolution =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: TemplateProblem };

/** A value whose texts may hold expressions, compiled. */
export interface Template {
  resolve(scope: ExpressionScope): Resolution;
}

type Part = string | Expression;

/** Compiles a value; every text in it that is no template is reported. */
export function compileTemplate(
  value: Json,
  checker: ExpressionChecker,
  report: (problem: TemplateProblem) => void,
): Template {
  return compile(value, { path: [], checker, report }) ?? { resolve: () => ({ ok: true, value }) };
}

interface Setting {
  readonly path: DocumentPath;
  readonly checker: ExpressionChecker;
  readonly report: (problem: TemplateProblem) => void;
}

/** Undefined where nothing in the value is a template: it then stands for itself. */
function compile(value: Json, setting: Setting): Template | undefined {
  if (typeof value === 'string') return compileText(value, setting);
  if (Array.isArray(value)) {
    const parts = value.map((part, index) => compileInner(part, index, setting));
    return parts.every((part) => part === undefined) ? undefined : listTemplate(value, parts);
  }
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).map(
    ([key, part]) => [key, part, compileInner(part, key, setting)] as const,
  );
  return entries.every(([, , part]) => part === undefined) ? undefined : recordTemplate(entries);
}

function compileInner(value: Json, key: string | number, setting: Setting): Template | undefined {
  return compile(value, { ...setting, path: [...setting.path, key] });
}

function listTemplate(values: readonly Json[], parts: readonly (Template | undefined)[]): Template {
  return {
    resolve(scope) {
      const list: Json[] = [];
      for (const [index, value] of values.entries()) {
        const resolved = parts[index]?.resolve(scope) ?? { ok: true, value };
        if (!resolved.ok) return resolved;
        list.push(resolved.value);
      }
      return { ok: true, value: list };
    },
  };
}

function recordTemplate(entries: readonly (readonly [string, Json, Template | undefined])[]): Template {
  return {
    resolve(scope) {
      const made: Record<string, Json> = {}; // no document has the key __proto__, which an assignment would lose
      for (const [key, value, part] of entries) {
        const resolved = part?.resolve(scope);
        if (resolved?.ok === false) return resolved;
        made[key] = resolved ? resolved.value : value;
      }
      return { ok: true, value: made };
    },
  };
}

/** The expression of a text that is one template and so keeps the type of its value; undefined for any other text. */
export function expressionOf(text: string): string | undefined {
  const [part, ...more] = partsOf(text);
  return part?.type === 'expression' && more.length === 0 ? part.text.trim() : undefined;
}

function compileText(text: string, { path, checker, report }: Setting): Template | undefined {
  if (!text.includes('{{')) return undefined;
  const parts: Part[] = [];
  for (const part of partsOf(text)) {
    if (part.type === 'text') parts.push(part.text);
    else {
      const compiled = part.isClosed
        ? checker.compile(part.text.trim())
        : ({ ok: false, problem: 'a "{{" without its "}}"', position: part.at } as const);
      if (compiled.ok) parts.push(compiled.expression);
      else report({ path, source: part.text.trim(), problem: compiled.problem, position: compiled.position });
    }
  }
  return { resolve: (scope) => resolveText(parts, { scope, path }) };
}

type TextPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'expression'; readonly text: string; readonly at: number; readonly isClosed: boolean };

function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{{', at);
    const end = open === -1 ? text.length : open;
    if (end > at) parts.push({ type: 'text', text: text.slice(at, end) });
    if (open === -1) return parts;
    const close = closingOf(text, open + 2);
    const isClosed = close !== -1;
    const last = isClosed ? close : text.length;
    parts.push({ type: 'expression', text: text.slice(open + 2, last), at: open, isClosed });
    at = last + 2;
  }
  return parts;
}

/** Strings, and braces of maps, end no template. */
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}]/gy;

function closingOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (depth === 0 && text.startsWith('}}', at)) return at;
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0] ?? '';
    if (token === '{') depth++;
    else if (token === '}') depth--;
    else if (token !== '') at += token.length - 1;
  }
  return -1;
}

interface Moment {
  readonly scope: ExpressionScope;
  readonly path: DocumentPath;
}

function resolveText(parts: readonly Part[], { scope, path }: Moment): Resolution {
  const values: Json[] = [];
  for (const part of parts) {
    if (typeof part === 'string') values.push(part);
    else {
      const evaluated = part.evaluate(scope);
      if (!evaluated.ok) return { ok: false, problem: { ...evaluated, path, source: part.source } };
      values.push(evaluated.value);
    }
  }
  if (values.length === 1) return { ok: true, value: values[0] as Json };
  return { ok: true, value: values.map(textOf).join('') };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `with.items[2]: state.n + "x": no such overload …` */
export function describeTemplateProblem(top: string, { path, source, problem }: TemplateProblem): string {
  return `${textOfPath([top, ...path])}: {{ ${source} }}: ${problem}`;
}
