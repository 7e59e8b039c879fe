import { Violation } from '../../invariants/invariant.js';
import { mapOf } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import { type Change, forgetBehind, isGap, textOf } from './told-changes.js';

/** A watch that has given so many changes is ended, and another goes on behind it. */
const changesAWatch = 20;

/**
 * A watch gives every change of a map, once and in order, with the index of the log that made it: what events tell. One that begins
 * behind another misses nothing; what cannot be given is told as a gap.
 */
export class Watches implements GridInvariant {
  readonly name = 'a watch skips nothing';
  readonly source = 'HamokMap.watch';
  /** What events told and watches have not given. */
  readonly #told = new Map<Process, Change[]>();

  onSpawn(process: Process): void {
    const told: Change[] = [];
    this.#told.set(process, told);
    const map = mapOf(process);
    const revision = (): number => (process.core?.log.appliedIndex ?? -1) + 1;
    map.on('insert', (key, value) => told.push({ type: 'insert', key, value, revision: revision() }));
    map.on('update', (key, oldValue, value) =>
      told.push({ type: 'update', key, value, oldValue, revision: revision() }),
    );
    map.on('remove', (key, oldValue) => told.push({ type: 'remove', key, oldValue, revision: revision() }));
    map.on('clear', () => told.push({ type: 'clear', revision: revision() }));
    void this.#watch(process, told);
  }

  onDeath(process: Process): void {
    this.#told.delete(process);
  }

  onEnd(): void {
    for (const [process, [missing]] of this.#told)
      if (missing && !process.isClosed)
        throw new Violation(this.name, `${process.name} was not given ${JSON.stringify(missing)}`);
  }

  async #watch(process: Process, told: Change[]): Promise<void> {
    const map = mapOf(process);
    let fromRevision = 0;
    while (!map.closed) {
      try {
        let count = 0;
        for await (const change of map.watch({ fromRevision })) {
          process.world.check(() => this.#compare(process, told.shift(), change));
          fromRevision = change.revision + 1;
          // Changes of one revision belong together.
          if (++count >= changesAWatch && told[0]?.revision !== change.revision) break;
        }
      } catch (error) {
        if (!isGap(error)) return process.world.violate(error);
        fromRevision = error.resumeFrom;
        forgetBehind(told, error);
      }
    }
  }

  #compare({ name }: Process, told: Change | undefined, given: Change): void {
    const [expected, found] = [textOf(told), textOf(given)];
    if (expected !== found) throw new Violation(this.name, `${name} was given ${found}, where events told ${expected}`);
  }
}
