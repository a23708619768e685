/** What the graph `prices.yaml` calls: shops, and the choice among their offers. */
import { TerminalError } from 'pawl';

interface Offer {
  readonly shop: string;
  readonly price: number;
}

const PRICES = new Map([
  ['north', 12],
  ['south', 9],
  ['west', 3],
]);

export function ask({ shop, item }: { readonly shop: string; readonly item: string }): Offer {
  const price = PRICES.get(shop);
  if (price === undefined)
    throw new TerminalError(`the shop in the ${shop} is closed`, { code: 'SHOP_CLOSED' });
  return { shop, price: price * item.length };
}

export function cheapest(offers: readonly Offer[]): Offer | undefined {
  return offers.toSorted((a, b) => a.price - b.price)[0];
}
