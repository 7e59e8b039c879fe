import type { MemberId } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import { StoreFailure } from '../world/fragile-snapshots.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** How long it may take until it is told (ms): what is written, and what fails later, takes its time. */
const tolerance = 2000;

/** A failure that has not been told. */
interface Untold {
  readonly failure: StoreFailure;
  readonly member: MemberId | undefined;
  readonly since: number;
}

/**
 * Where a snapshot cannot be kept, its member tells why: by an error, or who asked for it. What cannot be read is told once for all that wait
 * for it, and not where nobody does any more.
 */
export class ToldFailures implements GridInvariant {
  readonly name = 'what cannot be kept is told';
  readonly source = 'SnapshotStore; FAILURES.md (a snapshot that cannot be kept, or is damaged)';
  readonly #told = new WeakSet<Error>();
  readonly #untold = new Map<Process, Untold[]>();

  onError(_: Process, error: Error): void {
    if (error instanceof StoreFailure) this.#told.add(error);
  }

  onDeath(process: Process): void {
    this.#untold.delete(process);
  }

  onStep(process: Process): void {
    const { now } = process.world.queue;
    const { member, snapshots, runningSince } = process;
    const fresh = snapshots.failures.splice(0).filter(({ call }) => call !== 'read');
    if (fresh.length > 0)
      this.#untold.set(process, [
        ...(this.#untold.get(process) ?? []),
        ...fresh.map((failure) => ({ failure, member, since: now })),
      ]);
    const untold = this.#untold.get(process);
    if (!untold || process.isClosed) return;
    // Who is another member by now has nothing to do with it any more.
    const left = untold.filter((each) => each.member === member && !this.#told.has(each.failure));
    const late = left.find(({ since }) => now - Math.max(since, runningSince) > tolerance);
    if (late) throw new Violation(this.name, `${process.name} did not tell that ${late.failure.message}`);
    if (left.length > 0) this.#untold.set(process, left);
    else this.#untold.delete(process);
  }
}
