import { Violation } from '../../invariants/invariant.js';
import { endingMapOf } from '../workload/collections.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** Nothing expires before its time, which is log time from the entry that wrote it. */
export class Expiry implements GridInvariant {
  readonly name = 'nothing expires early';
  readonly source = 'architecture: "A deadline is stamp + ttl, computed at apply"';
  readonly #promised = new Map<string, number>();
  readonly #written = new Map<string, number>();
  /** What a process told since its last entry. */
  readonly #told = new WeakMap<Process, { written: string[]; expired: string[] }>();

  promised(value: string, ttlInMs: number): void {
    this.#promised.set(value, ttlInMs);
  }

  onSpawn(process: Process): void {
    const told: { written: string[]; expired: string[] } = { written: [], expired: [] };
    this.#told.set(process, told);
    const map = endingMapOf(process);
    map.on('insert', (_, value) => told.written.push(value));
    map.on('update', (_, __, value) => told.written.push(value));
    map.on('expire', (_, value) => told.expired.push(value));
  }

  onApplied(process: Process, { time, index }: { readonly time: number; readonly index: number }): void {
    const told = this.#told.get(process);
    if (!told || (told.written.length === 0 && told.expired.length === 0)) return;
    for (const value of told.written.splice(0)) if (!this.#written.has(value)) this.#written.set(value, time);
    for (const value of told.expired.splice(0)) {
      const [written, ttlInMs] = [this.#written.get(value), this.#promised.get(value)];
      if (written === undefined || ttlInMs === undefined || time - written >= ttlInMs) continue;
      throw new Violation(
        this.name,
        `${process.name}: ${value} ended at ${index}, after ${time - written} of ${ttlInMs} ms`,
      );
    }
  }
}
