/** A node of a JamJet file: its fields, wherever the dialect keeps them, and what they become in `with`. */
import type { Json } from '../../std/index.ts';
import { guarded, pathOf, templateOf } from '../data-path.ts';
import { readTemplate } from '../jinja.ts';
import { isFields, type Part, type StepFields } from '../part.ts';
import { referenceTo } from './resources.ts';
import type { Onward, Setting } from './setting.ts';

/** An edge that leaves on some labels alone. */
export interface Route {
  readonly labels: readonly string[];
  readonly to: string;
  readonly at: Part;
}

/** What a node becomes. */
export interface Built {
  readonly step: StepFields;
  /** The labels on which the ordinary edges leave; undefined: the good ones. */
  readonly labels?: readonly string[];
  readonly routes?: readonly Route[];
  /** Nodes that lead to this one, whether or not they say so. */
  readonly awaits?: readonly { readonly id: string; readonly at: Part }[];
  /** It is a condition: its ordinary edges say nothing beyond its branches. */
  readonly isChoice?: boolean;
  /** A step that comes along with it, reached on these labels, and after which its own edges leave. */
  readonly helper?: { readonly id: string; readonly step: StepFields; readonly on: string };
}

export class JamNode {
  readonly id: string;
  readonly type: string;
  /** The node as a whole. */
  readonly part: Part;
  readonly setting: Setting;
  readonly onward: readonly Onward[];
  readonly #places: readonly Part[];

  constructor(
    id: string,
    type: string,
    source: {
      readonly part: Part;
      /** Where fields are looked up, in this order. */
      readonly places: readonly Part[];
      readonly onward: readonly Onward[];
      readonly setting: Setting;
    },
  ) {
    this.id = id;
    this.type = type;
    this.part = source.part;
    this.setting = source.setting;
    this.onward = source.onward;
    this.#places = source.places;
  }

  /** The first of these fields that is there. */
  find(...names: readonly string[]): Part {
    const found = this.#places.map((place) => place.find(...names));
    return found.find((part) => part.isThere) ?? (found[0] as Part);
  }

  /** Where this field of the step is, for the report. */
  target(field: string): string {
    return `steps.${this.id}.${field}`;
  }

  /** A text field, its templates converted. */
  text(part: Part, field: string, options: ValueOptions = {}): string | undefined {
    const text = part.text();
    if (text === undefined) return undefined;
    const value = this.#convert(part, options);
    part.to(this.target(field));
    return typeof value === 'string' ? value : text;
  }

  /** Any value, the templates in it converted. */
  value(part: Part, field: string, options: ValueOptions = {}): Json | undefined {
    if (part.value === undefined || part.value === null) return undefined;
    const value = this.#convert(part, options);
    part.to(this.target(field));
    return value;
  }

  #convert(part: Part, options: ValueOptions): Json {
    const { value } = part;
    if (typeof value === 'string') return this.#convertText(part, value, options);
    if (Array.isArray(value)) return part.items().map((item) => this.#convert(item, options));
    if (!isFields(value)) return value as Json;
    return Object.fromEntries(part.entries().map(([key, inner]) => [key, this.#convert(inner, options)]));
  }

  #convertText(part: Part, text: string, { isMapping, isLater }: ValueOptions): Json {
    const { style } = this.setting;
    const path = isMapping ? pathOf(text, { ...style, hasBareNames: false }) : undefined;
    if (path && path.root !== 'output') return templateOf(path, style);
    if (path) part.refuse('IMPORT_TEMPLATE', { problem: 'an output is known by the name of its step alone' });
    const reading = readTemplate(text, style);
    if (!reading.ok) part.refuse('IMPORT_TEMPLATE', { problem: reading.problem });
    if (!reading.ok) return text;
    const [name] = reading.environment;
    if (name === undefined) return reading.text;
    if (isLater && reading.text.trim() === `\${${name}}`) return referenceTo(name);
    const problem = `\${${name}}: templates know no environment`;
    part.refuse('IMPORT_TEMPLATE', { problem });
    return text;
  }

  /** The null-safe path to a key of the state, as a template. */
  stateTemplate(key: string): string {
    const path = { root: 'state', segments: key.replace(/^state\./, '').split('.') };
    return templateOf(path, this.setting.style);
  }

  /** A field of the step's own output, or null, as an expression. */
  outputField(path: string): string {
    const segments = path.replace(/^(?:output|state)\./, '').split('.');
    const { guards, value } = guarded(
      { root: 'output', segments },
      { hasBareNames: false, declared: undefined },
    );
    return `${guards.join(' && ')} ? ${value} : null`;
  }
}

export interface ValueOptions {
  /** Texts such as `state.question` are paths. */
  readonly isMapping?: boolean;
  /** The kind comes in a later version, and will look references up. */
  readonly isLater?: boolean;
}
