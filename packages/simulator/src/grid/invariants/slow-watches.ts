import { Violation } from '../../invariants/invariant.js';
import { endingMapOf, retainedChanges } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import { type Change, forgetBefore, forgetBehind, isGap, textOf } from './told-changes.js';

/** Distributes, so that each kind keeps its own fields. */
type Untold<C = Change> = C extends unknown ? Omit<C, 'revision'> : never;

/** Each watch ends by its signal after so long, and another begins; who reads rests for a while after so many changes (ms). */
const endsAfter = 4000;
const restsEvery = 3;
const restsFor = 1500;

/** Who reads a watch at one process. */
interface Reader {
  /** What events told since the map began anew, and watches have not given. */
  readonly told: Change[];
  /** The revision that was given last, and how many changes of it. */
  last: number;
  given: number;
  isResting: boolean;
  /** Of the watch that he reads. */
  control: AbortController | undefined;
}

/**
 * A watch of a map that retains little, with somebody who reads slowly: each change, once and in order, also that an entry ended; it is behind
 * only while he rests. It says that he was too slow only where more happened than is retained, and gives nothing once its signal is aborted.
 */
export class SlowWatches implements GridInvariant {
  readonly name = 'a watch ends with its signal';
  readonly source = 'HamokMap.watch; WatchOptions.signal, HamokMapOptions.watchRetention';
  readonly #readers = new Map<Process, Reader>();

  onSpawn(process: Process): void {
    const reader: Reader = { told: [], last: -1, given: 0, isResting: false, control: undefined };
    this.#readers.set(process, reader);
    const map = endingMapOf(process);
    map.on('insert', (key, value) => tell(process, reader.told, { type: 'insert', key, value }));
    map.on('update', (key, oldValue, value) => tell(process, reader.told, { type: 'update', key, value, oldValue }));
    map.on('remove', (key, oldValue) => tell(process, reader.told, { type: 'remove', key, oldValue }));
    map.on('expire', (key, oldValue) => tell(process, reader.told, { type: 'expire', key, oldValue }));
    map.on('clear', () => tell(process, reader.told, { type: 'clear' }));
    void this.#followRestarts(process, reader);
    void this.#read(process, reader);
  }

  onDeath(process: Process): void {
    this.#readers.delete(process);
  }

  onStep(process: Process): void {
    const reader = this.#readers.get(process);
    if (!reader || reader.isResting || process.isClosed) return;
    if (reader.control?.signal.aborted)
      throw new Violation(this.name, `a watch of ${process.name} goes on, though it was aborted`);
    const [missing] = reader.told;
    if (missing) throw new Violation(this.name, `${process.name} was not given ${textOf(missing)}`);
  }

  async #read(process: Process, reader: Reader): Promise<void> {
    const map = endingMapOf(process);
    let from: { readonly fromRevision?: number } = {};
    let count = 0;
    while (!map.closed) {
      const control = endingLater(process, reader);
      try {
        for await (const change of map.watch({ ...from, signal: control.signal })) {
          process.world.check(() => this.#compare(process, reader, change));
          reader.given = change.revision === reader.last ? reader.given + 1 : 1;
          reader.last = change.revision;
          if (++count % restsEvery === 0) await rest(process, reader);
        }
        // The next one begins with what comes from now on.
        reader.told.splice(0);
        from = {};
      } catch (error) {
        if (!isGap(error)) return process.world.violate(error);
        process.world.check(() => this.#excuse(process, reader, error.reason));
        from = { fromRevision: error.resumeFrom };
        forgetBefore(reader.told, error.resumeFrom);
      }
      reader.control = undefined;
    }
  }

  /** Who rests hears of it late, when more was told, or the process is another member already or none: one that never rests hears at once. */
  async #followRestarts(process: Process, reader: Reader): Promise<void> {
    const map = endingMapOf(process);
    while (!map.closed) {
      const changes = map.watch();
      try {
        while ((await changes.next()).done !== true);
      } catch (error) {
        if (!isGap(error)) return process.world.violate(error);
        if (error.reason !== 'restored') continue;
        // As another incarnation: nothing of the one before is left, and revisions begin again.
        forgetBehind(reader.told, error);
        reader.last = -1;
      }
    }
  }

  #compare({ name }: Process, { told, control }: Reader, change: Change): void {
    const [expected, found] = [textOf(told.shift()), textOf(change)];
    if (control?.signal.aborted)
      throw new Violation(this.name, `${name} was given ${found} by a watch that was aborted`);
    if (expected !== found) throw new Violation(this.name, `${name} was given ${found}, where events told ${expected}`);
  }

  #excuse({ name }: Process, { told, last, given }: Reader, reason: string): void {
    // Changes of one revision are let go together.
    const together = told.length + (told[0]?.revision === last ? given : 0);
    if (reason === 'too-slow' && together <= retainedChanges)
      throw new Violation(this.name, `${name} was too slow for ${told.length} changes of ${retainedChanges}`);
  }
}

function tell({ core }: Process, told: Change[], change: Untold): void {
  told.push({ ...change, revision: (core?.log.appliedIndex ?? -1) + 1 });
}

function endingLater(process: Process, reader: Reader): AbortController {
  const control = new AbortController();
  reader.control = control;
  process.world.queue.after(endsAfter, () => {
    if (reader.control === control) process.act(() => control.abort());
  });
  return control;
}

async function rest(process: Process, reader: Reader): Promise<void> {
  reader.isResting = true;
  await new Promise<void>((resolve) => process.world.queue.after(restsFor, () => process.act(resolve)));
  reader.isResting = false;
}
