import { isOfTwo, type SituationSpace } from './coverage/situations.js';
import type { SimulationResult } from './result.js';
import { Tally } from './tally.js';

/** What many runs came to. */
export class Summary {
  runs = 0;
  simulatedMs = 0;
  events = 0;
  strikes = 0;
  readonly operations = new Tally();
  readonly faults = new Tally();
  readonly counts = new Tally();
  /** Each situation, with the number of the run that met it first. */
  readonly #situations = new Map<number, number>();

  /** @param space the situations that there are */
  constructor(private readonly space: SituationSpace) {}

  add({ simulatedMs, events, operations, faults, strikes, counts, situations }: SimulationResult): void {
    this.runs++;
    this.simulatedMs += simulatedMs;
    this.events += events;
    this.strikes += strikes.length;
    this.operations.addAll(operations);
    this.faults.addAll(faults);
    this.counts.addAll(counts);
    for (const each of situations) if (!this.#situations.has(each)) this.#situations.set(each, this.runs);
  }

  /** How many were met, of one member or of two, and how many of them in the last tenth of the runs for the first time. */
  situations(ofTwo: boolean): { readonly met: number; readonly fresh: number } {
    const from = this.runs - this.runs / 10;
    const met = [...this.#situations].filter(([situation]) => isOfTwo(situation) === ofTwo);
    return { met: met.length, fresh: met.filter(([, run]) => run > from).length };
  }

  /** Of the situations that one member can be in: how many there are, and those that were never met, in words. */
  get possibleSituations(): { readonly all: number; readonly unmet: readonly string[] } {
    const possible = this.space.possible();
    const unmet = possible.filter((situation) => !this.#situations.has(situation));
    return { all: possible.length, unmet: unmet.map((situation) => this.#inWords(situation)) };
  }

  /** Situations of one member that were met, though the space has it that there are no such. */
  get impossibleSituations(): readonly string[] {
    const possible = new Set(this.space.possible());
    const met = [...this.#situations.keys()].filter((situation) => !isOfTwo(situation) && !possible.has(situation));
    return met.map((situation) => this.#inWords(situation));
  }

  #inWords(situation: number): string {
    const words = this.space.wordsOf(situation).filter((word) => word !== '');
    return words.join(', ');
  }

  /** Classes of faults that never struck. */
  get missedFaults(): string[] {
    return [...this.faults.counts].filter(([, count]) => count === 0).map(([name]) => name);
  }
}
