/** The URL of a store over several clusters: their URLs behind each other, or one URL with several hosts. */
import { pawlError } from '../../errors/index.ts';
import { withoutPassword } from '../../std/index.ts';

const BETWEEN = /,(?=postgres(?:ql)?:\/\/)/;
/** Scheme and user, hosts, path and parameters. */
const PARTS = /^(postgres(?:ql)?:\/\/(?:[^/?]*@)?)([^/?@]*)([/?].*)?$/;

/**
 * `postgres://a/db,postgres://b/db` and `postgres://a,b/db` are two clusters; a URL of one host is one.
 * @throws `STORE_URL_INVALID` where a cluster is named twice, or several hosts come with what makes them one elsewhere
 */
export function clusterUrls(url: string): readonly string[] {
  const urls = url.split(BETWEEN).flatMap(hostsOf);
  const places = urls.map(placeOf);
  if (new Set(places).size < places.length) throw pawlError('STORE_URL_INVALID', { url: places.join(',') });
  return urls;
}

/** libpq and its kin read several hosts as one cluster that fails over, and this parameter says so. */
const FAILOVER = 'target_session_attrs';

function hostsOf(url: string): string[] {
  const [, start = '', hosts = '', rest = ''] = PARTS.exec(url) ?? [];
  const all = hosts.split(',');
  if (all.length === 1) return [url];
  if (rest.includes(FAILOVER) || all.includes(''))
    throw pawlError('STORE_URL_INVALID', { url: withoutPassword(`postgres://${hosts}${rest}`) });
  return all.map((host) => `${start}${host}${rest}`);
}

function placeOf(url: string): string {
  const [, , host = '', rest = ''] = PARTS.exec(url) ?? [];
  return `postgres://${host}${rest.split('?')[0] ?? ''}`;
}
