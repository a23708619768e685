/** What the compiler reads in an expression: the paths that it refers to, and the type of one that is a path itself. */

type Letter =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z';
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type WordChar = Letter | Uppercase<Letter> | Digit | '_';

/** Every root that an expression may begin a path with. */
type Root = 'input' | 'state' | 'steps' | 'output';

/**
 * The paths in a text of CEL, each a list that begins with its root: what follows a call or an index is not looked at.
 * What the compiler cannot read for sure (escapes, triple quotes) it leaves to the validator.
 */
export type PathsIn<Source extends string> = string extends Source
  ? never
  : Source extends `${string}\\${string}` | `${string}"""${string}` | `${string}'''${string}`
    ? never
    : Scan<Source>;

/** The text up to the first quote is code; then comes what is quoted, which names a key or is skipped. */
type Scan<Source extends string, Found = never> = Source extends `${infer Code}"${infer Rest}`
  ? Code extends `${infer Before}'${infer Middle}`
    ? Quoted<[Before, `${Middle}"${Rest}`, "'"], Found>
    : Quoted<[Code, Rest, '"'], Found>
  : Source extends `${infer Code}'${infer Rest}`
    ? Quoted<[Code, Rest, "'"], Found>
    : Found | PathsInCode<Source>;

/** Code, what follows its first quote, and that quote. */
type Quoted<
  Parts extends readonly [string, string, string],
  Found,
> = Parts[1] extends `${infer Text}${Parts[2]}${infer After}`
  ? Scan<After, Found | PathsInCode<Parts[0]> | Indexed<Parts[0], Text, After>>
  : Found;

/** `steps["give-up"].output`. */
type Indexed<Code extends string, Text extends string, After extends string> = Code extends `${infer Before}[`
  ? After extends `]${infer Rest}`
    ? RootAtEnd<Before> extends infer Found extends Root
      ? [Found, Text, ...(Rest extends `.${infer More}` ? Keys<More> : [])]
      : never
    : never
  : never;

type RootAtEnd<Code extends string> = {
  [R in Root]: Code extends `${infer Before}${R}` ? (IsInside<Before> extends true ? never : R) : never;
}[Root];

/** Whether what comes next continues a word or a path. */
type IsInside<Before extends string> = Before extends `${string}${WordChar | '.'}` ? true : false;

type PathsInCode<Code extends string> = { [R in Root]: PathsOf<R, Code> }[Root];

type PathsOf<
  R extends Root,
  Code extends string,
  Found = never,
> = Code extends `${infer Before}${R}.${infer After}`
  ? PathsOf<R, After, Found | (IsInside<Before> extends true ? never : [R, ...Keys<After>])>
  : Found;

/** The keys at the beginning of a text; a name that is called is a method, and no key. */
type Keys<
  Text extends string,
  Done extends readonly string[] = [],
  Name extends string = '',
> = Text extends `${infer First}${infer Rest}`
  ? First extends WordChar
    ? Keys<Rest, Done, `${Name}${First}`>
    : Name extends ''
      ? Done
      : First extends '('
        ? Done
        : First extends '.'
          ? Keys<Rest, [...Done, Name]>
          : [...Done, Name]
  : Name extends ''
    ? Done
    : [...Done, Name];

/** The path that a text is as a whole, or never. */
export type WholePath<Source extends string> = string extends Source
  ? never
  : Source extends ` ${infer Rest}` | `${infer Rest} `
    ? WholePath<Rest>
    : Source extends Root
      ? [Source]
      : PathsIn<Source> extends infer Path extends readonly string[]
        ? Source extends Written<Path> | WrittenIndexed<Path>
          ? Path
          : never
        : never;

type Written<Path extends readonly string[]> = Path extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? `${First}${Dotted<Rest>}`
  : never;

type WrittenIndexed<Path extends readonly string[]> = Path extends readonly [
  infer First extends string,
  infer Second extends string,
  ...infer Rest extends readonly string[],
]
  ? `${First}["${Second}"]${Dotted<Rest>}` | `${First}['${Second}']${Dotted<Rest>}`
  : never;

type Dotted<Path extends readonly string[]> = Path extends readonly [
  infer First extends string,
  ...infer Rest extends readonly string[],
]
  ? `.${First}${Dotted<Rest>}`
  : '';

/** The expressions of a text with templates. */
export type ExpressionsIn<Text extends string, Found = never> = string extends Text
  ? never
  : Text extends `${string}{{${infer Source}}}${infer Rest}`
    ? ExpressionsIn<Rest, Found | Source>
    : Found;

/** The type of what a path leads to; unknown where nobody declared it. */
export type At<Value, Path extends readonly string[]> = Path extends readonly [
  infer Key extends string,
  ...infer Rest extends readonly string[],
]
  ? unknown extends Value
    ? unknown
    : At<Member<NonNullable<Value>, Key>, Rest>
  : Value;

type Member<Value, Key extends string> = Value extends readonly unknown[]
  ? unknown
  : Value extends object
    ? Key extends keyof Value
      ? Value[Key]
      : unknown
    : unknown;

/** What is wrong with a path: `there is no state.rsk`. Never where nothing is, or nobody declared what is there. */
export type PathProblem<
  Value,
  Path extends readonly string[],
  Where extends string = '',
> = Path extends readonly [infer Key extends string, ...infer Rest extends readonly string[]]
  ? unknown extends Value
    ? never
    : Has<NonNullable<Value>, Key> extends true
      ? PathProblem<Member<NonNullable<Value>, Key>, Rest, `${Where}${Key}.`>
      : `there is no ${Where}${Key}`
  : never;

/** Lists and plain values are left to the validator; of several objects one must have the key. */
type Has<Value, Key extends string> = [Value] extends [never]
  ? true
  : true extends (Value extends readonly unknown[] ? true : Value extends object ? HasKey<Value, Key> : true)
    ? true
    : false;

type HasKey<Value extends object, Key extends string> = string extends keyof Value
  ? true
  : Key extends keyof Value
    ? true
    : false;
