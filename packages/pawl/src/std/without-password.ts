/** URLs of stores as they may be shown: also those that are wrong, since a password is often what made them so. */

const BETWEEN = /,(?=postgres(?:ql)?:\/\/)/;
/** Hosts with their ports, and nothing behind them but a path. */
const HOSTS = /^\w+:\/\/(?:(?:\[[^\]]*\]|[^:,/]*)(?::\d+)?(?:,|(?=\/|$)))*(?:\/.*)?$/;

/** The same URL, or the same several, without passwords; a right one stays one that can be typed. */
export function withoutPassword(url: string): string {
  return url.split(BETWEEN).map(withoutItsPassword).join(',');
}

/** What stands in front of the last `@` is who asks, and with what; one in the parameters counts where the rest makes no sense. */
function withoutItsPassword(url: string): string {
  const [head = ''] = url.split(/[?#]/, 1);
  const isRight = head.includes('@') || HOSTS.test(head);
  const shown = isRight ? withoutUserPart(head) + url.slice(head.length) : withoutUserPart(url);
  return shown.replace(/([?&])password=[^&]*&?/g, '$1').replace(/[?&]$/, '');
}

function withoutUserPart(text: string): string {
  return text.replace(/^(\w+:\/\/[^:@/]*)[^]*@/, '$1@');
}
