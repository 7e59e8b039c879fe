import { idOf } from '@hamok/raft';
import type { HamokState } from 'hamok';
import { Violation } from '../../invariants/invariant.js';
import { slowestClock } from '../faults/time.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** After how long without a leader a member says that there is no majority, by its clock, and how much later it may (ms). */
const electionTakes = 5000;
const tolerance = 400;
const fastestClock = 1.5;

const roles = ['follower', 'candidate', 'leader'] as const;

/** What one process told of leaders. */
interface Told {
  state: HamokState;
  role: HamokState | undefined;
  leaderId: string | undefined;
  isQuorumLost: boolean;
  /** Since when it is in a grid and knows of no leader. */
  leaderlessSince: number;
}

/**
 * A member tells what it is and who leads, each change once and in order, and what it told is so. That there is no majority it tells once
 * it was without a leader for longer than an election takes, and once that there is one again.
 */
export class ToldLeadership implements GridInvariant {
  readonly name = 'who leads is told';
  readonly source = 'HamokEventMap: state-changed, leader-changed, quorum-lost, quorum-regained';
  readonly #told = new WeakMap<Process, Told>();

  onSpawn(process: Process): void {
    const { hamok, world } = process;
    const told: Told = {
      state: 'empty',
      role: undefined,
      leaderId: undefined,
      isQuorumLost: false,
      leaderlessSince: Number.POSITIVE_INFINITY,
    };
    this.#told.set(process, told);
    for (const role of roles)
      hamok.on(role, () => {
        told.role = role;
      });
    hamok.on('state-changed', (state, previous) => {
      const isNamed = state === 'empty' || told.role === state;
      if (previous !== told.state || state === previous || !isNamed)
        this.#violate(process, `it became ${state} from ${previous}, after it had become ${told.state}`);
      told.state = state;
    });
    hamok.on('leader-changed', (leaderId, previous) => {
      if (previous !== told.leaderId || leaderId === previous)
        this.#violate(process, `${leaderId} follows ${previous}, after ${told.leaderId} had`);
      told.leaderId = leaderId;
    });
    hamok.on('quorum-lost', () => {
      const least = electionTakes / fastestClock;
      if (told.isQuorumLost) this.#violate(process, 'a majority is lost for the second time');
      if (!(world.queue.now - told.leaderlessSince >= least))
        this.#violate(process, 'a majority is lost before an election could end');
      told.isQuorumLost = true;
    });
    hamok.on('quorum-regained', () => {
      if (!told.isQuorumLost || told.leaderId === undefined)
        this.#violate(process, `a majority is back, led by ${told.leaderId}, and lost: ${told.isQuorumLost}`);
      told.isQuorumLost = false;
    });
  }

  onStep(process: Process): void {
    const told = this.#told.get(process);
    if (!told || process.isDead) return;
    const { hamok, core, world } = process;
    const role = hamok.run ? (core?.role ?? 'follower') : 'empty';
    const state = role === 'pre-candidate' ? 'candidate' : role;
    const leaderId = core?.leader && idOf(core.leader);
    if (told.state !== state || told.leaderId !== leaderId)
      throw new Violation(
        this.name,
        `${process.name} is ${state} under ${leaderId}, and told ${told.state} under ${told.leaderId}`,
      );
    if (told.isQuorumLost && leaderId !== undefined)
      throw new Violation(this.name, `${process.name} is led again, and does not tell`);
    const { now } = world.queue;
    if (core && leaderId === undefined) told.leaderlessSince = Math.min(told.leaderlessSince, now);
    else told.leaderlessSince = Number.POSITIVE_INFINITY;
    const late = now - Math.max(told.leaderlessSince, process.runningSince) - electionTakes / slowestClock;
    if (late > tolerance && !told.isQuorumLost)
      throw new Violation(this.name, `${process.name} knows of no leader, and does not tell`);
  }

  #violate(process: Process, what: string): void {
    process.world.violate(new Violation(this.name, `${process.name} tells that ${what}`));
  }
}
