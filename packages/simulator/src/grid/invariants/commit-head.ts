import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** How far a grid was when a call began. */
interface Asked {
  readonly gridId: string | undefined;
  readonly index: number;
}

/** Who waits until everything that was committed is applied, waits until what anyone had applied before the call is applied there. */
export class CommitHead implements GridInvariant {
  readonly name = 'what was committed before is applied';
  readonly source = 'Hamok.waitUntilCommitHead';
  readonly #applied = new Map<string | undefined, number>();

  onApplied({ gridId }: Process, { index }: Entry): void {
    if (index > (this.#applied.get(gridId) ?? -1)) this.#applied.set(gridId, index);
  }

  asked({ gridId }: Process): Asked {
    return { gridId, index: this.#applied.get(gridId) ?? -1 };
  }

  reached({ name, gridId, core }: Process, asked: Asked): void {
    const applied = core?.log.appliedIndex ?? -1;
    if (gridId === asked.gridId && applied < asked.index)
      throw new Violation(this.name, `${name} waited until ${asked.index}, and has applied ${applied}`);
  }
}
