import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import { IndeterminateError, NotCommittedError } from '../errors.js';
import { GridMember } from './grid-member.js';

/**
 * What becomes of a proposal on its way:
 * - `commit`: it reaches the leader, and its sender hears of it; `commit-unheard`: its sender does not; `commit-twice`: it arrives two times;
 * - `refuse`: it does not arrive, and its sender knows; `lose`: its sender does not know;
 * - `delay`: it arrives at `release()`, after what was proposed meanwhile.
 */
export type Fate = 'commit' | 'commit-unheard' | 'commit-twice' | 'refuse' | 'lose' | 'delay';

export interface LogEntry {
  readonly index: number;
  readonly time: number;
  readonly command?: Uint8Array;
  readonly joined?: readonly MemberId[];
  readonly left?: readonly MemberId[];
}

/** The members of a grid in one process, with one log, whose misfortunes a test decides. Nothing here is replicated for real. */
export class InMemoryGrid {
  /** Decides the fate of each proposal. */
  fate: (from: MemberId, command: Uint8Array) => Fate = () => 'commit';
  /** While true, what is appended is not committed: `commit()` does that, and a change of leaders may lose it. */
  holding = false;
  /** False: the leader appends what arrives without asking its machine, so that doubles and gaps get into the log. */
  checking = true;
  readonly log: LogEntry[] = [];
  /** The members that it began with. */
  readonly founders: readonly MemberId[];
  readonly #members: GridMember[];
  readonly #delayed: (() => void)[] = [];
  #leader: GridMember;
  #term = 1;
  #commit = -1;
  #names: readonly MemberId[];

  /**
   * @param members their ids, as `id@incarnation`; the first one leads.
   * @param clock what log time follows; without one it stands still
   */
  constructor(
    members: readonly [MemberId, ...MemberId[]],
    private readonly clock?: Pick<Clock, 'now'>,
  ) {
    this.#members = members.map((member) => new GridMember(this, member));
    this.#leader = this.member(members[0]);
    this.founders = [...members];
    this.#names = [...members];
  }

  /** How many times a direct frame arrives, from 0. */
  copiesOfFrame: (from: MemberId, to: MemberId) => number = () => 1;
  /** Log time in ms. */
  get time(): number {
    return Math.floor(this.clock?.now() ?? 0);
  }

  get members(): readonly MemberId[] {
    return this.#names;
  }

  get leader(): MemberId {
    return this.#leader.self;
  }

  get term(): number {
    return this.#term;
  }

  get commitIndex(): number {
    return this.#commit;
  }

  /** The engine of a member. */
  member(id: MemberId): GridMember {
    const member = this.find(id);
    if (member === undefined) throw new Error(`no member ${id}`);
    return member;
  }

  find(id: MemberId): GridMember | undefined {
    return this.#members.find(({ self }) => self === id);
  }

  /** Commits what was held. */
  commit(): void {
    this.#commit = this.log.length - 1;
    for (const member of this.#members) member.deliver();
  }

  /** Lets what was delayed arrive. */
  release(): void {
    for (const arrive of this.#delayed.splice(0)) arrive();
  }

  /** Another member leads. What was not committed is lost, and its senders do not know. */
  changeLeader(to: MemberId): void {
    this.#leader.lead(undefined);
    this.log.length = this.#commit + 1;
    for (const member of this.#members) member.lose(this.#commit);
    this.#term++;
    this.#leader = this.member(to);
    this.#leader.lead(this.#term);
  }

  /** Makes a member, which follows the log from its beginning. */
  join(id: MemberId): GridMember {
    const member = new GridMember(this, id);
    this.#members.push(member);
    this.#append({ joined: [id], left: [] });
    return member;
  }

  leave(id: MemberId): void {
    this.#append({ joined: [], left: [id] });
  }

  /** Replaces a member's state by the leader's, as when it lags too far behind. One that has applied as much keeps its own. */
  async sendSnapshot(to: MemberId): Promise<void> {
    const member = this.member(to);
    this.#leader.deliver();
    if (member.status().applied < this.#leader.status().applied) await member.restoreFrom(this.#leader);
  }

  /** Those that there are as of an index of the log. */
  membersAt(index: number): readonly MemberId[] {
    return this.log.slice(0, index + 1).reduce(membersAfter, this.founders);
  }

  /** A member that forgot everything returns as another incarnation, by a snapshot or by the log from its beginning, and is admitted. */
  async reincarnate(from: MemberId, to: MemberId, by: 'snapshot' | 'log' = 'snapshot'): Promise<void> {
    const member = this.member(from);
    if (this.#names.includes(from)) this.leave(from);
    this.#leader.deliver();
    member.self = to;
    member.returning = true;
    if (by === 'snapshot') await member.restoreFrom(this.#leader);
    else await member.startOver();
    member.returning = false;
    this.#append({ joined: [to], left: [] });
  }

  /** For members: what `propose` does. */
  propose(from: GridMember, command: Uint8Array): Promise<number> {
    switch (this.fate(from.self, command)) {
      case 'refuse':
        return Promise.reject(new NotCommittedError('did not arrive', 'no-leader'));
      case 'lose':
        return Promise.reject(new IndeterminateError('no answer'));
      case 'commit-unheard':
        return this.#arrive(from, command).then(() => Promise.reject(new IndeterminateError('no answer')));
      case 'commit-twice': {
        const once = this.#arrive(from, command);
        this.#arrive(from, command.slice()).catch(() => undefined);
        return once;
      }
      case 'delay':
        return new Promise((resolve) => {
          this.#delayed.push(() => resolve(this.#arrive(from, command)));
        });
      default:
        return this.#arrive(from, command);
    }
  }

  async #arrive(from: GridMember, command: Uint8Array): Promise<number> {
    const refusal = this.checking ? this.#leader.admit(from.self, command) : undefined;
    if (refusal !== undefined) throw new NotCommittedError(`refused: ${refusal}`, refusal);
    const index = this.log.length;
    const applied = from.whenApplied(index);
    this.#append({ command });
    return applied;
  }

  #append(entry: Omit<LogEntry, 'index' | 'time'>): void {
    this.log.push({ ...entry, index: this.log.length, time: this.time });
    this.#names = membersAfter(this.#names, entry);
    if (this.holding) return;
    this.#commit = this.log.length - 1;
    for (const member of this.#members) member.deliverLater();
  }
}

function membersAfter(
  members: readonly MemberId[],
  { joined = [], left = [] }: Pick<LogEntry, 'joined' | 'left'>,
): readonly MemberId[] {
  return [...members.filter((member) => !left.includes(member)), ...joined];
}
