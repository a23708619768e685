/** What the graph `order.yaml` calls: services that take an idempotency key, so that asking twice books once. */
import { type FunctionTools, TerminalError } from 'pawl';

export function reserve(item: string, { idempotencyKey }: FunctionTools): string {
  return `reservation of a ${item}, key ${idempotencyKey}`;
}

/** A TerminalError is not tried again: the answer would be the same. */
export function charge(card: string, { idempotencyKey }: FunctionTools): string {
  if (card.endsWith('0')) throw new TerminalError('the card was declined', { code: 'CARD_DECLINED' });
  return `charge of card ${card}, key ${idempotencyKey}`;
}

/** An ordinary error is tried again as the step's retry policy says; when that is used up the step has failed. */
export function ship(city: string, { attempt, idempotencyKey }: FunctionTools): string {
  if (city === 'Atlantis') throw new Error(`no carrier goes to ${city} (attempt ${attempt})`);
  return `parcel to ${city}, key ${idempotencyKey}`;
}

export function refund(made: string | null): string {
  return made === null ? 'nothing to refund' : `refunded: ${made}`;
}

export function restock(made: string | null): string {
  return made === null ? 'nothing to restock' : `restocked: ${made}`;
}

export function tell({ item, parcel }: { readonly item: string; readonly parcel: string | null }): string {
  return parcel === null ? `sorry, no ${item} for you` : `your ${item} is on its way`;
}
