import { ClosedError } from '@hamok/collections';
import { RaftError, type RaftNode, type Wait } from '@hamok/raft';
import type { HamokObjectConfig } from './config.js';
import { Deferred } from './deferred.js';
import { duplicateOf } from './duplicate.js';
import { AbortedError, JoinTimeoutError, LeaderTimeoutError } from './errors.js';
import type { ResolvedJoin } from './join-params.js';
import { within } from './within.js';

/** Whether a member counts in its grid, whether it knows a leader, and what waits for that. */
export class Readiness<T> {
  #ready = new Deferred<T>();
  #leaderKnown = new Deferred<void>();
  /** Ends the joins that wait when the member stops. */
  #stopped = new Deferred<never>();
  /** What stopped the member for good, since the start. */
  #failure: Error | undefined;
  /** The last since the start; that of a second process with this id stays. */
  #engineError: Error | undefined;

  constructor(
    private readonly member: T,
    private readonly config: Pick<HamokObjectConfig<unknown>, 'peerId' | 'clock' | 'logger'>,
  ) {}

  get ready(): Promise<T> {
    return this.#ready.promise;
  }

  /** The member starts. */
  begin(): void {
    this.#engineError = undefined;
    if (this.#failure && this.#leaderKnown.settled) this.#leaderKnown = new Deferred();
    this.#failure = undefined;
    this.#stopped = new Deferred();
  }

  /** Its engine has stopped for good: nothing that is waited for will come. */
  ended(failure: Error): void {
    this.#failure = failure;
    this.lost();
    for (const deferred of [this.#ready, this.#leaderKnown, this.#stopped]) deferred.reject(failure);
  }

  failed(error: Error): void {
    if (duplicateOf(this.config.peerId, this.#engineError) === undefined) this.#engineError = error;
  }

  leaderChanged(leaderId: string | undefined): void {
    if (leaderId !== undefined) this.#leaderKnown.resolve();
    else if (this.#leaderKnown.settled) this.#leaderKnown = new Deferred();
  }

  /** It is a voter: it is ready once it has applied what the grid had committed by then. */
  async catchUp(node: RaftNode, onReady: () => void): Promise<void> {
    while (node.running && node.joined) {
      try {
        await node.barrier();
        this.#ready.resolve(this.member);
        onReady();
        return;
      } catch (error) {
        // Its consensus has ended: if it begins again, it joins again.
        if (error instanceof RaftError && error.code === 'closed') return;
        this.config.logger.debug(`not caught up yet: ${String(error)}`);
      }
    }
  }

  /** It does not count any more. */
  lost(): void {
    if (this.#ready.settled) this.#ready = new Deferred();
  }

  stopping(): void {
    this.#stopped.reject(new ClosedError('the member'));
  }

  close(): void {
    for (const deferred of [this.#ready, this.#leaderKnown]) deferred.reject(new ClosedError('the member'));
  }

  /**
   * Waits on while the member makes progress: a large state takes its time.
   * @throws {JoinTimeoutError} {@link AbortedError} {@link ClosedError}
   */
  async until({ timeoutInMs, signal }: ResolvedJoin, node: () => RaftNode | undefined): Promise<void> {
    const wait = signal === undefined ? { timeoutInMs } : { timeoutInMs, signal };
    const timedOut = (): Error => {
      const cause = this.#engineError;
      const reasons = [node()?.obstacle, cause?.message].filter((reason) => reason !== undefined);
      const message = [`not in a grid after ${timeoutInMs} ms`, reasons.join('; ')].filter(Boolean).join(': ');
      return duplicateOf(this.config.peerId, cause) ?? new JoinTimeoutError(message, { cause });
    };
    const stopped = this.#stopped.promise;
    for (let applied = -1; ; ) {
      try {
        await within(this.config.clock, Promise.race([this.ready, stopped]), wait, timedOut);
        return;
      } catch (error) {
        const { appliedIndex = -1 } = node() ?? {};
        const isFinal = error instanceof AbortedError || error instanceof ClosedError || error === this.#failure;
        if (isFinal || appliedIndex <= applied) throw error;
        applied = appliedIndex;
      }
    }
  }

  /** @throws {LeaderTimeoutError} {@link ClosedError} */
  untilLeader(wait: Wait): Promise<void> {
    const timedOut = (): Error => new LeaderTimeoutError(`no leader within ${wait.timeoutInMs} ms`);
    return within(this.config.clock, this.#leaderKnown.promise, wait, timedOut);
  }
}
