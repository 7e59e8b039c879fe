import { Ledger } from '../ledger.js';
import { MemberProcess } from './member-process.js';

interface Waiter {
  check(): void;
  reject(error: Error): void;
}

/** The member processes, and all that they have reported. */
export class Cluster {
  readonly ledger = new Ledger();
  readonly #waiters = new Set<Waiter>();
  readonly #ids: readonly string[];
  #members: readonly MemberProcess[];
  #failure: Error | undefined;

  /** Starts the processes: a, b, c and so on. */
  constructor(size: number) {
    this.#ids = Array.from({ length: size }, (_, position) => String.fromCharCode(0x61 + position));
    this.#members = this.#ids.map((id) => new MemberProcess(id, this.#ids));
    for (const member of this.members) this.#follow(member);
  }

  /** The last process of each id, in the order of the ids. */
  get members(): readonly MemberProcess[] {
    return this.#members;
  }

  get living(): readonly MemberProcess[] {
    return this.members.filter(({ killed }) => !killed);
  }

  /** The member that all the living ones take for the leader. */
  get leader(): MemberProcess | undefined {
    const [first, ...others] = this.living;
    if (first === undefined || others.some(({ leaderId }) => leaderId !== first.leaderId)) return undefined;
    return this.living.find(({ id }) => id === first.leaderId);
  }

  /** Starts a new process in place of one that has ended, where the others expect it: at the same address. */
  restart(ended: MemberProcess): MemberProcess {
    const addresses = [ended, ...this.members.filter((member) => member !== ended)].flatMap(
      ({ address }) => address ?? [],
    );
    const member = new MemberProcess(ended.id, this.#ids, addresses);
    this.#members = this.#members.map((each) => (each === ended ? member : each));
    this.#follow(member);
    return member;
  }

  /** Resolves with what `find` gives, as soon as a report makes it other than undefined or false. Rejects when the run has failed. */
  until<T>(find: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        check: () => {
          const found = find();
          if (found === undefined || found === false) return;
          this.#waiters.delete(waiter);
          resolve(found);
        },
        reject,
      };
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiters.add(waiter);
      waiter.check();
    });
  }

  /** `answer`, unless the run fails before. */
  async unlessFailed<T>(answer: Promise<T>): Promise<T> {
    let arrived: { readonly value: T } | undefined;
    void answer.then((value) => {
      arrived = { value };
      this.#changed();
    });
    return (await this.until(() => arrived)).value;
  }

  /** Ends all waiting: the first failure counts. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters) waiter.reject(this.#failure);
    this.#waiters.clear();
  }

  kill(): void {
    for (const member of this.members) member.kill();
  }

  #follow(member: MemberProcess): void {
    member.on('report', (report) => {
      if (report.type === 'acknowledged') for (const write of report.writes) this.ledger.record(write);
      else if (report.type === 'failed') this.fail(new Error(`member ${member.id} failed: ${report.message}`));
      this.#changed();
    });
    member.on('gone', (how) => {
      if (!member.killed) this.fail(new Error(`member ${member.id} ended by itself: ${how}`));
      this.#changed();
    });
  }

  #changed(): void {
    for (const waiter of [...this.#waiters]) waiter.check();
  }
}
