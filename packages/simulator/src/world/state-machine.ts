import type { Entry } from '@hamok/raft';
import type { Snapshot } from './snapshot.js';

/** The smallest state machine that tells any two histories apart: a digest of all entries applied, in order. */
export class StateMachine {
  index: number;
  digest: number;

  constructor({ position, digest }: Snapshot) {
    this.index = position.index;
    this.digest = digest;
  }

  apply(entry: Entry): void {
    if (entry.index !== this.index + 1) throw new RangeError(`applied ${entry.index} after ${this.index}`);
    this.index = entry.index;
    const { data } = entry;
    let digest = mix(mix(this.digest, entry.index), entry.term);
    for (let at = 0; at < data.length; at++) digest = mix(digest, data[at] ?? 0);
    this.digest = digest;
  }

  restore({ position, digest }: Snapshot): void {
    this.index = position.index;
    this.digest = digest;
  }
}

/** A step of FNV-1a over 32-bit words. */
function mix(digest: number, word: number): number {
  return Math.imul(digest ^ word, 0x01000193) >>> 0;
}
