import type { Entry } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import { endingMapOf } from '../workload/collections.js';
import { passesTime } from '../world/passes-time.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';
import type { LogEffects } from './log-effects.js';

/** What one process told. */
interface Told {
  /** Since its last entry. */
  readonly written: string[];
  readonly expired: string[];
  /** What it holds, as far as it told, and when that is to end. */
  readonly held: Map<string, number>;
  index: number;
}

/**
 * An entry ends when its time is up, which is log time from the entry of the log that wrote it, or last put its end off: not before, and
 * not later.
 */
export class Expiry implements GridInvariant {
  readonly name = 'entries end on time';
  readonly source = 'architecture: "A deadline is stamp + ttl, computed at apply"';
  readonly #promised = new Map<string, number>();
  /** Log time at which each value is to end, and the entry of the log that said so last. */
  readonly #ends = new Map<string, { readonly at: number; readonly saidBy: number }>();
  readonly #told = new WeakMap<Process, Told>();

  promised(value: string, ttlInMs: number): void {
    this.#promised.set(value, ttlInMs);
  }

  onSpawn(process: Process): void {
    const told: Told = { written: [], expired: [], held: new Map(), index: -1 };
    this.#told.set(process, told);
    const map = endingMapOf(process);
    map.on('insert', (_, value) => told.written.push(value));
    map.on('update', (_, before, value) => {
      told.held.delete(before);
      told.written.push(value);
    });
    map.on('remove', (_, value) => told.held.delete(value));
    map.on('expire', (_, value) => told.expired.push(value));
  }

  onRejoin(process: Process): void {
    this.#told.get(process)?.held.clear();
  }

  constructor(private readonly effects: LogEffects) {}

  onApplied(process: Process, entry: Entry): void {
    this.effects.read(process, entry);
    const told = this.#told.get(process);
    if (!told) return;
    const { time, index } = entry;
    // What a snapshot brought was not told.
    if (index !== told.index + 1) told.held.clear();
    told.index = index;
    for (const value of told.written.splice(0)) {
      const end = this.#ends.get(value) ?? { at: time + (this.#promised.get(value) ?? 0), saidBy: index };
      this.#ends.set(value, end);
      told.held.set(value, end.at);
    }
    for (const value of told.expired.splice(0)) {
      told.held.delete(value);
      const end = this.#ends.get(value)?.at ?? time;
      if (time < end)
        throw new Violation(this.name, `${process.name}: ${value} ended at ${index}, ${end - time} ms early`);
    }
    this.#putOff(process, told, entry);
    for (const [value, end] of told.held)
      if (end <= time && !process.isClosed && passesTime(entry))
        throw new Violation(this.name, `${process.name}: ${value} is there after ${index}, ${time - end} ms late`);
  }

  #putOff(process: Process, { held }: Told, { index, time }: Entry): void {
    const touch = process.isClosed ? undefined : this.effects.touchAt(process, index);
    const map = touch && endingMapOf(process);
    const value = touch?.mapId === map?.id ? map?.get(touch?.key ?? '') : undefined;
    if (touch === undefined || value === undefined) return;
    const end = time + touch.ttlInMs;
    // Who lags behind says nothing new.
    if (index > (this.#ends.get(value)?.saidBy ?? -1)) this.#ends.set(value, { at: end, saidBy: index });
    if (held.has(value)) held.set(value, end);
  }
}
