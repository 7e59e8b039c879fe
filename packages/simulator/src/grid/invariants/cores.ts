import type { Entry, MemberId, RaftCore } from '@hamok/raft';
import { situationsOf } from '../../coverage/core-situations.js';
import { Hooks } from '../../invariants/hooks.js';
import { stepInvariants } from '../../invariants/index.js';
import { Ledger } from '../../invariants/ledger.js';
import { StepObserver } from '../../invariants/step.js';
import { position } from '../../report/entry.js';
import { describeStep } from '../../report/step.js';
import { describeCommand } from '../world/describe.js';
import type { Process } from '../world/process.js';
import { GridMember } from '../world/subject.js';
import type { GridInvariant } from './grid-invariant.js';

/** What is known of one grid: everyone who ever was in it, and the statements about their cores. */
interface WatchedGrid {
  readonly members: Map<MemberId, GridMember>;
  readonly observer: StepObserver;
  readonly hooks: Hooks;
}

/**
 * Each grid by itself keeps every statement about cores that the simulation of cores checks after each step. What a step changed is told
 * first, so that a reader knows it, whatever turns out to be wrong with it.
 */
export function cores(): { readonly told: GridInvariant; readonly checked: GridInvariant } {
  const grids = new Map<string, WatchedGrid>();
  const watched = new WeakMap<RaftCore, GridMember>();
  let unchecked: (() => void) | undefined;

  const gridOf = (gridId: string): WatchedGrid => {
    const grid = grids.get(gridId) ?? {
      members: new Map(),
      observer: new StepObserver(),
      hooks: new Hooks(stepInvariants(new Ledger())),
    };
    grids.set(gridId, grid);
    return grid;
  };
  const memberOf = (process: Process): GridMember | undefined => {
    const { core, gridId } = process;
    if (!core || gridId === undefined) return undefined;
    const known = watched.get(core);
    if (known) return known;
    const { members, hooks } = gridOf(gridId);
    const member = new GridMember(core.self, gridId, core, process.disk, members);
    watched.set(core, member);
    if (members.has(member.id)) hooks.restarted(member);
    members.set(member.id, member);
    return member;
  };

  const identity = { name: 'cores', source: 'Raft paper and thesis, as each of them says' };
  const told: GridInvariant = {
    ...identity,
    onApplied(process, { index }) {
      const member = memberOf(process);
      if (member) member.machine.index = index;
    },
    onStep(process) {
      unchecked = undefined;
      const member = memberOf(process);
      if (!member) return;
      const { base } = member.core.log;
      // A snapshot was installed.
      if (base.index > member.machine.index) {
        member.machine.index = base.index;
        process.world.counters.snapshotsInstalled++;
      }
      const { members, observer, hooks } = gridOf(member.gridId);
      const step = observer.observe(member, members);
      unchecked = () => hooks.stepped(step);
      if (!step.isNews) return;
      const { world } = process;
      if (!step.before) world.note(() => `${process.name} is ${member.id} of grid ${member.gridId}`);
      world.note(() => describeStep(step));
      if (step.after.role === 'leader')
        for (const entry of step.fresh) world.note(() => describeEntryOf(member.id, entry));
      world.reigns.see(step, world.queue.now);
      world.situations.see(situationsOf(world.running.flatMap(({ core }) => core ?? [])));
    },
  };
  return { told, checked: { ...identity, onStep: () => unchecked?.() } };
}

/** What a leader's new entry asks for; changes of the members say it themselves. */
function describeEntryOf(leader: MemberId, { index, term, kind, data }: Entry): string | undefined {
  return kind === 'command' ? `   ${leader}    ${position(index, term)} is ${describeCommand(data)}` : undefined;
}
