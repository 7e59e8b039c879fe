import type { Entry, MemberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** What one process told of its own place in the grid. */
interface Told {
  member: MemberId | undefined;
  hasJoined: boolean;
  isReady: boolean;
  /** How far anyone had applied the log when it became a voter; undefined before. */
  others: number | undefined;
  /** As whom it takes part, or took part last, and where. */
  last: { readonly member: MemberId; readonly gridId: string } | undefined;
}

/** One grid's log, as far as anyone has applied it. */
interface Log {
  applied: number;
  members: readonly MemberId[];
}

/**
 * A member is ready, and tells that it has joined, once for each incarnation: when it is a voter and has applied what anyone had applied when it
 * became one. It tells of it when it comes back as another incarnation, and that it left only when it is no member any more.
 */
export class ToldJoining implements GridInvariant {
  readonly name = 'who is ready has caught up';
  readonly source = 'architecture, rules 5 and 6; HamokEventMap: joined, rejoining, left';
  readonly #told = new Map<Process, Told>();
  readonly #logs = new Map<string, Log>();

  onSpawn(process: Process): void {
    const { hamok } = process;
    const told: Told = { member: undefined, hasJoined: false, isReady: false, others: undefined, last: undefined };
    this.#told.set(process, told);
    this.#begin(process, told, undefined);
    hamok.on('joined', () => {
      const { log, configuration, self = '' } = process.core ?? {};
      const applied = log?.appliedIndex ?? -1;
      if (told.hasJoined) this.#violate(process, 'it has joined, twice');
      if (!configuration?.voters.includes(self)) this.#violate(process, 'it has joined, and is no voter');
      const others = told.others ?? this.#appliedIn(process);
      if (applied < others) this.#violate(process, `it has joined at ${applied}, where others had applied ${others}`);
      told.hasJoined = true;
    });
    hamok.on('rejoining', () => {
      if (process.member === told.member) this.#violate(process, `it comes back as ${told.member}, whom it is`);
      this.#begin(process, told, process.member);
    });
    hamok.on('stopped', () => this.#begin(process, told, undefined));
    hamok.on('left', () => {
      const { member = '', gridId = '' } = told.last ?? {};
      if (hamok.run || this.#logs.get(gridId)?.members.includes(member))
        this.#violate(process, `it left, while ${member} is a member`);
    });
  }

  onDeath(process: Process): void {
    this.#told.delete(process);
  }

  onApplied({ gridId = '' }: Process, { index, configuration }: Entry): void {
    const log = this.#logs.get(gridId) ?? { applied: -1, members: [] };
    this.#logs.set(gridId, log);
    if (index <= log.applied) return;
    log.applied = index;
    if (configuration) log.members = [...configuration.voters, ...configuration.learners];
  }

  onStep(process: Process): void {
    const told = this.#told.get(process);
    const { member, core, gridId = '', name } = process;
    if (!told || member === undefined) return;
    told.member ??= member;
    if (told.member !== member) throw new Violation(this.name, `${name} is ${member}, and did not tell`);
    if (told.isReady !== told.hasJoined) throw new Violation(this.name, `${name} is ready, or has joined, not both`);
    if (process.hasJoined && told.others === undefined) {
      if (core?.leader === undefined) throw new Violation(this.name, `${name} has joined, and is led by nobody`);
      told.others = this.#appliedIn(process);
    }
    // The last one has nobody to leave. Who has left already is not that member any more, and asks nobody.
    if (core) told.last = core.configuration.voters.length > 1 ? { member, gridId } : undefined;
    else if (told.last?.member !== member) told.last = undefined;
  }

  onEnd(): void {
    for (const [process, { hasJoined }] of this.#told)
      if (process.hasJoined && !hasJoined)
        throw new Violation(this.name, `${process.name} did not tell that it joined`);
  }

  #appliedIn({ gridId = '' }: Process): number {
    return this.#logs.get(gridId)?.applied ?? -1;
  }

  #begin(process: Process, told: Told, member: MemberId | undefined): void {
    Object.assign(told, { member, hasJoined: false, isReady: false, others: undefined });
    const { ready } = process.hamok;
    ready.then(
      () => {
        if (process.hamok.ready === ready) told.isReady = true;
      },
      () => undefined,
    );
  }

  #violate(process: Process, what: string): void {
    process.world.violate(new Violation(this.name, `${process.name} tells that ${what}`));
  }
}
