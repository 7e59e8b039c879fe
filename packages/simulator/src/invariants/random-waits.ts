import type { Member } from '../world/member.js';
import { about, type Invariant, Violation } from './invariant.js';

const enough = 100;

/** Waits in idle times, of one kind: as many as are enough to tell. */
class Waits {
  #count = 0;
  #sum = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  get areEnough(): boolean {
    return this.#count >= enough;
  }

  /** Takes one more. Returns what is wrong with those so far, if they are enough. */
  wrongWith(wait: number): string | undefined {
    this.#sum += wait;
    this.#least = Math.min(this.#least, wait);
    this.#most = Math.max(this.#most, wait);
    if (++this.#count !== enough) return undefined;
    const mean = this.#sum / enough;
    const range = this.to - this.from;
    const isSpread = this.#least < this.from + range / 4 && this.#most > this.to - range / 4;
    if (isSpread && Math.abs(mean - (this.from + this.to) / 2) < range / 4) return undefined;
    return `${this.#least.toFixed(2)} to ${this.#most.toFixed(2)} idle times, ${mean.toFixed(2)} in the mean`;
  }
}

/** How long members wait for a leader, and for the next election after one that failed, is drawn anew each time from the whole range. */
export function randomWaits(): Invariant {
  const name = 'waits are random';
  const forLeader = new Waits(1, 2);
  const afterFailure = new Waits(0, 1);
  const heard = new Set<Member>();
  return {
    name,
    source: 'Raft paper §5.2 (election timeouts are chosen randomly from a fixed interval), §9.3',
    onReceive: about(['append-request'], ({ term }, receiver) => {
      if (!forLeader.areEnough && term >= receiver.core.term) heard.add(receiver);
    }),
    onTurn(member, { before, after }) {
      const isHeard = heard.size > 0 && heard.delete(member);
      if (after.role !== 'follower' || !before) return;
      const { core, clock } = member;
      const stood = before.role !== 'follower' && before.role !== 'leader' && before.term === after.term;
      const hasFailed = stood && core.leader === undefined;
      if (!isHeard && !hasFailed) return;
      const wait = (core.nextDeadline - clock.latest) / core.timing.followerMaxIdleInMs;
      const wrong = (isHeard ? forLeader : afterFailure).wrongWith(wait);
      if (wrong !== undefined) throw new Violation(name, `${member.id} is the last of ${enough} that wait ${wrong}`);
    },
  };
}
