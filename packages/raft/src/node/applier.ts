import { type Configuration, type MemberChanges, memberChanges, membersOf } from '../core/configuration.js';
import type { Entry, LogPosition } from '../core/entry.js';
import type { RaftCore } from '../core/raft-core.js';
import type { MemberId } from '../identity/member-id.js';
import type { StateMachine } from '../ports/state-machine.js';
import type { Proposals } from './proposals.js';

/** Who learns of what was applied, besides the state machine. */
export interface ApplierObserver {
  /** A configuration was applied; the members that the grid began with count as joined. */
  configurationApplied(joined: readonly MemberId[], left: readonly MemberId[]): void;
  committed(entry: Entry): void;
}

export interface ApplierOptions {
  readonly core: RaftCore;
  readonly machine: StateMachine;
  readonly proposals: Proposals;
  readonly observer: ApplierObserver;
  /** The members that the machine knows of already. Default: none. */
  readonly known?: Configuration;
}

/** Tells the state machine what is committed, who is in the grid and when it leads, in the order of the log. */
export class Applier {
  readonly #core: RaftCore;
  readonly #machine: StateMachine;
  readonly #proposals: Proposals;
  readonly #observer: ApplierObserver;
  #configuration: Configuration;
  #applying: Entry | undefined;
  #leading: number | undefined;
  #stopped = false;

  constructor({ core, machine, proposals, observer, known = { voters: [], learners: [] } }: ApplierOptions) {
    this.#core = core;
    this.#machine = machine;
    this.#proposals = proposals;
    this.#observer = observer;
    this.#configuration = known;
  }

  /** As of the last entry that is applied. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** What the machine stands for: also while it is given an entry, for all that the entry does is done before anyone is told of it. */
  get position(): LogPosition {
    const { log } = this.#core;
    return this.#applying ?? log.get(log.appliedIndex) ?? log.base;
  }

  /** The machine learns of the members that it does not know of, the observer of all. */
  start(): void {
    const { appliedIndex } = this.#core.log;
    const configuration = this.#core.log.configurationAt(appliedIndex);
    const { left } = this.#tell(appliedIndex, configuration);
    this.#observer.configurationApplied(membersOf(configuration), left);
  }

  apply(entries: readonly Entry[]): void {
    try {
      for (const entry of entries) {
        if (this.#stopped) return;
        this.#applying = entry;
        const { index, term, time, data } = entry;
        let result: unknown;
        if (entry.kind === 'command') result = this.#machine.apply({ index, term, time, data });
        else if (entry.configuration) this.#applyConfiguration(index, entry.configuration);
        this.#core.applied(index);
        this.#proposals.applied(index, term, result);
        this.#observer.committed(entry);
      }
    } finally {
      this.#applying = undefined;
    }
  }

  /** The machine was restored, and told of the members with that. */
  restored(configuration: Configuration): void {
    const { joined, left } = this.#follow(configuration);
    this.#observer.configurationApplied(joined, left);
  }

  /** From when on, and until when, this member is the leader for all that is applied; the term, or undefined. */
  lead(term: number | undefined): void {
    if (this.#stopped || term === this.#leading) return;
    this.#leading = term;
    this.#machine.leading?.(term);
  }

  /** The machine is not called any more. */
  stop(): void {
    this.lead(undefined);
    this.#stopped = true;
  }

  #applyConfiguration(index: number, configuration: Configuration): void {
    const { joined, left } = this.#tell(index, configuration);
    this.#observer.configurationApplied(joined, left);
  }

  #tell(index: number, configuration: Configuration): MemberChanges {
    const { joined, left } = this.#follow(configuration);
    if (joined.length > 0 || left.length > 0) this.#machine.membersChanged?.({ index, joined, left });
    return { joined, left };
  }

  #follow(configuration: Configuration): MemberChanges {
    const before = this.#configuration;
    this.#configuration = configuration;
    return memberChanges(before, configuration);
  }
}
