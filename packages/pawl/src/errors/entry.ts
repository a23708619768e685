/** What the catalogue says of an error code. */

export interface Entry {
  readonly family: 'usage' | 'operational' | 'defect' | 'failure';
  /** What happened, to which thing; `{name}` is filled in. */
  readonly message: string;
  /** What to do next. */
  readonly todo: string;
}
