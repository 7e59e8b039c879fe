import type { MemberId } from '@hamok/raft';
import type { Step } from '../invariants/step.js';

interface Reign {
  readonly leader: MemberId;
  readonly term: number;
  readonly from: number;
  until?: number;
}

const reignsShown = 12;

/** Who believed that it led, and when. */
export class Reigns {
  readonly #all: Reign[] = [];
  readonly #open = new Map<MemberId, Reign>();

  /** `now` in ms of virtual time. */
  see({ member, after }: Step, now: number): void {
    const open = this.#open.get(member.id);
    if (open && after.role === 'leader' && open.term === after.term) return;
    if (open) this.end(member.id, now);
    if (after.role !== 'leader') return;
    const reign: Reign = { leader: member.id, term: after.term, from: now };
    this.#all.push(reign);
    this.#open.set(member.id, reign);
  }

  /** Of a member that crashed, for one. */
  end(leader: MemberId, now: number): void {
    const open = this.#open.get(leader);
    if (open) open.until = now;
    this.#open.delete(leader);
  }

  /** The latest, a line each. */
  describe(): string[] {
    return this.#all.slice(-reignsShown).map(({ leader, term, from, until }) => {
      const end = until === undefined ? 'now' : until.toFixed(1);
      return `  t${String(term).padEnd(4)} ${leader.padEnd(6)} from ${from.toFixed(1)} to ${end}`;
    });
  }
}
