import { keyText, valueText } from './describe-frame.js';
import type { SharedStorage } from './storages-world.js';

/** An entry of which a participant keeps a copy for who holds it; without its value as a witness. */
export interface KeptCopy {
  readonly entry: string;
  readonly holder: string;
  readonly value: string | undefined;
}

/** What a participant has, in words: entries that it holds, with their values, and copies of those of others. */
export interface Holdings {
  readonly held: ReadonlyMap<string, string>;
  readonly copies: readonly KeptCopy[];
}

/**
 * Looked up inside of the product: programs are not told where copies are, nor which versions of others a member of a federated storage holds.
 */
export function holdingsOf(storage: SharedStorage): Holdings {
  const { grid } = storage['member'];
  if (grid === undefined) return { held: new Map(), copies: [] };
  const { held, copies } = grid;
  const copiesOf = (holder: Parameters<typeof copies.of>[0]): KeptCopy[] =>
    Array.from(copies.of(holder), ([slot, copy]) => ({
      entry: keyText(bytesOf(slot)),
      holder: holder.id,
      value: typeof copy === 'string' ? valueText(bytesOf(copy)) : undefined,
    }));
  return {
    held: new Map(Array.from(held.entries(), ([slot, value]) => [keyText(bytesOf(slot)), valueText(bytesOf(value))])),
    copies: [...copies.holders()].flatMap(copiesOf),
  };
}

/** The product keeps bytes as text, a character a byte. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
