import { type Invariant, Violation } from './invariant.js';
import type { Ledger } from './ledger.js';

/** A linearizable read waits for everything that anyone knew to be committed before it was asked. */
export function readIndex(ledger: Ledger): Invariant {
  const name = 'linearizable reads';
  const asked = new Map<number, number>();
  return {
    name,
    source: 'thesis §6.4',
    onReadAsked(context) {
      asked.set(context, ledger.lastIndex);
    },
    onReadAnswered(context, index) {
      const committed = asked.get(context);
      if (committed === undefined) throw new Violation(name, `an answer to #${context}, which nobody asked`);
      if (index !== undefined && index < committed)
        throw new Violation(name, `#${context} reads at ${index}, but ${committed} was committed when it was asked`);
    },
  };
}
