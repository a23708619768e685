/** A URL as it may stand in a message, also where it is none: without who asks, and with what password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/.*@/s, '//');
}
