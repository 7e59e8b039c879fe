import { type Invariant, Violation } from './invariant.js';

/** A command that was given once takes effect at one place of the log. */
export function appliedOnce(): Invariant {
  const name = 'a command is applied once';
  const places = new Map<Uint8Array, number>();
  return {
    name,
    source: 'Raft paper §8 (the same command is never executed twice)',
    onApply(member, index) {
      const entry = member.core.log.get(index);
      if (entry?.kind !== 'command') return;
      const first = places.get(entry.data);
      if (first === undefined) places.set(entry.data, index);
      else if (first !== index)
        throw new Violation(name, `${member.id} applies at ${index} what was applied at ${first}`);
    },
  };
}
