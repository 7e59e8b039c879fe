import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { OpenCall } from '../workload/calls.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** What a program writes, in whichever collections, is applied in the order in which it called. */
export class OrderOfCalls implements GridInvariant {
  readonly name = 'calls take effect in their order';
  readonly source = 'architecture: "so one member\'s calls are applied in call order"';
  #world: World | undefined;

  constructor(private readonly effects: LogEffects) {}

  onApplied(process: Process, entry: Entry): void {
    this.#world = process.world;
    this.effects.read(process, entry);
  }

  onEnd(): void {
    const last = new Map<Process, { readonly place: number; readonly call: OpenCall }>();
    for (const call of this.#world?.writes ?? []) {
      const { process, what, value = '' } = call;
      const place = this.effects.placeOf(process, value);
      const before = last.get(process);
      if (place === undefined) continue;
      if (before && place < before.place)
        throw new Violation(
          this.name,
          `${process.name}: ${what} is at ${place}, ${before.call.what} at ${before.place}`,
        );
      last.set(process, { place, call });
    }
  }
}
