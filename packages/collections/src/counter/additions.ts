import { requireWait } from '../arguments.js';
import type { Clock } from '../clock.js';
import { ClosedError, IndeterminateError, isSessionClosed, NotCommittedError, OptionError } from '../errors.js';
import { LimitedWait } from '../limited-wait.js';
import type { HoldNames } from '../permits/hold-names.js';
import type { CallOptions } from '../session/call.js';
import { type CounterMap, ownCall, sumIn, sumKey } from './counter-map.js';
import { Turns } from './turns.js';

interface Addition {
  readonly delta: number;
  readonly wait: LimitedWait<number>;
  /** It is in a change under way. */
  sent: boolean;
}

/**
 * What this member adds: all that wait in one change, and one change at a time, which is made if nobody was faster, or made anew. So those of one
 * member never meet each other.
 */
export class Additions {
  readonly #turns: Turns;
  readonly #waiting = new Set<Addition>();
  #sent: readonly Addition[] = [];
  #working = false;

  constructor(
    private readonly map: CounterMap,
    private readonly clock: Clock,
    names: HoldNames,
  ) {
    this.#turns = new Turns(map, clock, names);
  }

  add(delta: number, options: CallOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      requireWait(options);
      const { signal } = options;
      if (signal?.aborted === true)
        return reject(new NotCommittedError('aborted before it was sent', 'aborted', signal.reason));
      const addition: Addition = { delta, wait: new LimitedWait(resolve, reject), sent: false };
      addition.wait.limit(this.clock, options, (what, cause) => {
        this.#waiting.delete(addition);
        addition.wait.fail(
          addition.sent
            ? new IndeterminateError(`${what} before its outcome was known`, cause)
            : new NotCommittedError(`${what} before it was added`, what, cause),
        );
      });
      this.#waiting.add(addition);
      void this.#work();
    });
  }

  close(): void {
    this.#turns.close();
    for (const { wait, sent } of [...this.#sent, ...this.#waiting])
      wait.fail(new ClosedError(`"${this.map.id}"`, sent));
    this.#waiting.clear();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    // Nothing is sent before this member is in a grid, so that who gives up until then knows that it was not added.
    await this.map.ready.catch(() => undefined);
    while (this.#waiting.size > 0) {
      try {
        await this.#turns.come();
        await this.#attempt();
      } catch (error) {
        // What is there is not a counter's.
        for (const { wait } of this.#drain()) wait.fail(error);
      }
    }
    this.#working = false;
    this.#turns.pass();
  }

  async #attempt(): Promise<void> {
    const revision = this.map.entry(sumKey)?.revision;
    const sums = this.#take();
    const sum = sums.at(-1);
    if (sum === undefined) return;
    const additions = this.#sent;
    try {
      const isMade = await this.map.compareAndSet(sumKey, sum, revision, ownCall);
      if (isMade) for (const [position, { wait }] of additions.entries()) wait.give(sums[position] ?? sum);
      else this.#again(additions);
      await this.#turns.went(isMade);
    } catch (error) {
      // The session has ended before it was sent: there will be another.
      if (isSessionClosed(error)) this.#again(additions);
      else for (const { wait } of additions) wait.fail(error);
    } finally {
      this.#sent = [];
    }
  }

  /** Takes what waits, for a change. Returns what the counter is after each. */
  #take(): number[] {
    let sum = sumIn(this.map);
    const sums: number[] = [];
    this.#sent = this.#drain().filter((addition) => {
      const next = sum + addition.delta;
      if (!Number.isSafeInteger(next)) {
        addition.wait.fail(new OptionError('delta', `must not take the counter beyond a safe integer: it is ${sum}`));
        return false;
      }
      addition.sent = true;
      sum = next;
      sums.push(sum);
      return true;
    });
    return sums;
  }

  /** Puts them before what waits. */
  #again(additions: readonly Addition[]): void {
    for (const addition of [...additions, ...this.#drain()]) {
      addition.sent = false;
      if (!addition.wait.ended) this.#waiting.add(addition);
    }
  }

  /** Takes out everything that waits, in order. */
  #drain(): Addition[] {
    const additions = [...this.#waiting];
    this.#waiting.clear();
    return additions;
  }
}
