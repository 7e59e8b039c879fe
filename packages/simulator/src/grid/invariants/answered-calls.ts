import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { OpenCall } from '../workload/calls.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** How long it may take until a member that took over a snapshot has told its callers what it holds (ms). */
const tolerance = 300;

/** A caller is answered once its change is applied where it called, also where that came with a snapshot. */
export class AnsweredCalls implements GridInvariant {
  readonly name = 'who applies a change answers its caller';
  readonly source = 'architecture: "Applied once"';
  readonly #appliedSince = new WeakMap<OpenCall, number>();

  constructor(private readonly effects: LogEffects) {}

  onApplied(process: Process, entry: Entry): void {
    this.effects.read(process, entry);
  }

  onStep(process: Process): void {
    const { world, core } = process;
    if (!core) return;
    const { now } = world.queue;
    for (const call of world.calls) {
      if (call.process !== process || call.value === undefined) continue;
      const index = this.effects.placeOf(process, call.value) ?? Number.POSITIVE_INFINITY;
      if (index > core.log.appliedIndex) continue;
      const since = Math.max(this.#appliedSince.get(call) ?? now, process.runningSince);
      this.#appliedSince.set(call, since);
      if (now - since > tolerance)
        throw new Violation(this.name, `${process.name} applied ${index}, and did not end ${call.what}`);
    }
  }
}
