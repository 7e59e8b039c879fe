import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** A call of which a program was told that it certainly did nothing is never carried out, whoever would have done it, and however late. */
export class CertainEndings implements GridInvariant {
  readonly name = 'what is refused does not happen';
  readonly source = 'architecture: "Applied once" (not done: refused before it was sent); HamokError.mayHaveHappened';
  #world: World | undefined;

  constructor(private readonly effects: LogEffects) {}

  onApplied(process: Process, entry: Entry): void {
    this.#world = process.world;
    this.effects.read(process, entry);
  }

  onEnd(): void {
    for (const { process, what, value, isRefused } of this.#world?.writes ?? [])
      if (isRefused && value !== undefined && this.effects.isWritten(value))
        throw new Violation(this.name, `${process.name} was refused ${what}, which is in the log, and has its effect`);
  }
}
