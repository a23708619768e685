/** What an http step can be asked for. */
import { z } from 'zod';
import { findValueProblem } from '../../std/index.ts';
import { plainTextSchema, secretRefSchema } from '../input-parts.ts';
import { MAX_BODY_BYTES } from './defaults.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** They belong to the connection and to the length of the body: Pawl writes them. */
const OUR_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a header (RFC 9110)')
  .refine((name) => !OUR_HEADERS.includes(name.toLowerCase()), `${OUR_HEADERS.join(', ')} are set by Pawl`);

const headerValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must hold Latin-1 characters only, and no line break (RFC 9110)');

const headers = z
  .record(headerName, z.union([headerValue, secretRefSchema]))
  .refine(haveDistinctNames, 'the same header is given twice');

function haveDistinctNames(record: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(record);
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}

const scalar = z.union([plainTextSchema, z.number(), z.boolean(), secretRefSchema]);

const json = z.unknown().superRefine((value, check) => {
  const problem = value === undefined ? undefined : findValueProblem(value);
  if (problem) check.addIssue({ code: 'custom', message: `${problem.path}: ${problem.problem}` });
});

const url = plainTextSchema.refine(isHttpUrl, 'must be an http: or https: URL');

function isHttpUrl(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:');
}

export const httpInputSchema = z
  .strictObject({
    /** GET when left out. */
    method: z.string().toUpperCase().pipe(z.enum(METHODS)).optional(),
    url,
    headers: headers.optional(),
    /** Added to the query of the URL. */
    query: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
    /** Sent as it is. */
    body: z.string().optional(),
    /** Sent as JSON. */
    json: json.optional(),
    /** Sent as `application/x-www-form-urlencoded`. */
    form: z.record(z.string(), scalar).optional(),
    /** Statuses besides 2xx that are data; true: all of them. */
    allowStatus: z.union([z.array(z.int().min(100).max(599)).max(500), z.literal(true)]).optional(),
    /** Allows hosts that are not on the public internet. */
    allowPrivate: z.boolean().optional(),
    /** The longest body of an answer, decoded. */
    maxBodyBytes: z.int().min(1).max(MAX_BODY_BYTES).optional(),
  })
  .refine((input) => [input.body, input.json, input.form].filter((one) => one !== undefined).length <= 1, {
    message: 'give at most one of `body`, `json` and `form`',
  });

export type HttpInput = z.infer<typeof httpInputSchema>;
