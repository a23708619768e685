/** URLs for records and messages, without what should stay secret. */
import { isSensitiveName, MASK } from '../../step/index.ts';

/** Parameters that carry keys and signatures in the query of well-known services. */
const SENSITIVE_PARAMETER = /^(?:key|sig|code|auth|session|jwt)$|signature/i;

/** Whether a value under this name is masked in a query or a form. */
export function isSensitiveParameter(name: string): boolean {
  return isSensitiveName(name) || SENSITIVE_PARAMETER.test(name);
}

/** The URL with user, password and sensitive parameters masked. A text that is no URL gives nothing away. */
export function maskedUrl(text: string, base?: string): string {
  const url = URL.parse(text, base);
  if (!url) return MASK;
  const user = url.username === '' && url.password === '' ? '' : `${MASK}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${maskedQuery(url)}${url.hash === '' ? '' : `#${MASK}`}`;
}

/** Where a request went, for messages: without user, query and fragment. */
export function plainUrl(text: string): string {
  const url = URL.parse(text);
  return url ? `${url.origin}${url.pathname}` : MASK;
}

function maskedQuery({ searchParams }: URL): string {
  const parts = [...searchParams].map(([name, value]) => {
    const shown = isSensitiveParameter(name) ? MASK : encodeURIComponent(value);
    return `${encodeURIComponent(name)}=${shown}`;
  });
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}
