import type { Clock } from '../clock.js';
import type { Call } from './call.js';

export interface TickerDuties {
  /** The calls that are not applied yet, the oldest first. */
  waiting(): Iterable<Call>;
  expire(call: Call): void;
  /** The oldest call of the window has not been applied for a while. */
  stalled(): void;
}

const tickInMs = 100;
const firstStallInMs = 1000;
const maxStallInMs = 8000;

/** One timer for the deadlines of all calls, and for noticing that nothing moves. It runs only while calls wait. */
export class Ticker {
  #cancel: (() => void) | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #nextDeadline = Number.POSITIVE_INFINITY;
  #head: Call | undefined;
  #headSince = 0;
  #stallInMs = firstStallInMs;

  constructor(
    private readonly clock: Clock,
    private readonly duties: TickerDuties,
  ) {}

  watch(call: Call, timeoutInMs: number): void {
    const now = this.clock.now();
    call.deadline = now + timeoutInMs;
    if (call.deadline < this.#nextDeadline) this.#nextDeadline = call.deadline;
    this.#arm(now);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  #arm(now: number): void {
    const dueAt = Math.min(now + tickInMs, this.#nextDeadline);
    if (dueAt >= this.#dueAt) return;
    this.#cancel?.();
    this.#dueAt = dueAt;
    this.#cancel = this.clock.setTimer(() => this.#tick(), Math.max(0, dueAt - now));
  }

  #tick(): void {
    this.#cancel = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const now = this.clock.now();
    if (now >= this.#nextDeadline) this.#expire(now);
    this.#noticeStall(now);
    if (this.#head !== undefined) this.#arm(now);
    else this.#nextDeadline = Number.POSITIVE_INFINITY;
  }

  #expire(now: number): void {
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const call of [...this.duties.waiting()]) {
      if (call.ended) continue;
      if (call.deadline <= now) this.duties.expire(call);
      else if (call.deadline < this.#nextDeadline) this.#nextDeadline = call.deadline;
    }
  }

  #noticeStall(now: number): void {
    const [head] = this.duties.waiting();
    if (head !== this.#head) {
      this.#head = head;
      this.#headSince = now;
      this.#stallInMs = firstStallInMs;
    } else if (head !== undefined && now - this.#headSince >= this.#stallInMs) {
      this.#headSince = now;
      this.#stallInMs = Math.min(this.#stallInMs * 2, maxStallInMs);
      this.duties.stalled();
    }
  }
}
