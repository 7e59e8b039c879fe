import type { Configuration, Entry, RaftCore } from '@hamok/raft';
import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** Whatever a member goes by, from its log, its disk or a snapshot, tells how many voters its grid had at the most until then. */
export class MostVoters implements GridInvariant {
  readonly name = 'the most voters are known';
  readonly source = 'architecture, rule 7';
  /** Of each grid: where in its log there were how many; those that it began with stand before all others. */
  readonly #counts = new Map<string, Map<number, number>>();
  /** What was compared already: configurations do not change. */
  readonly #compared = new WeakSet<Configuration>();

  onApplied({ core, gridId }: Process, { index, configuration }: Entry): void {
    if (configuration && core && gridId !== undefined)
      this.#countsOf(gridId, core).set(index, configuration.voters.length);
  }

  onStep({ name, core, gridId }: Process): void {
    if (!core || gridId === undefined) return;
    const counts = this.#countsOf(gridId, core);
    const { appliedIndex } = core.log;
    const configuration = core.log.configurationAt(appliedIndex);
    if (this.#compared.has(configuration)) return;
    this.#compared.add(configuration);
    const { voters, mostVoters = voters.length } = configuration;
    const most = mostUntil(appliedIndex, counts);
    if (mostVoters !== most)
      throw new Violation(
        this.name,
        `${name} knows of ${mostVoters} voters at the most until ${appliedIndex}, of ${most}`,
      );
  }

  /** The most that anyone saw in force by an entry that was applied, until now. */
  of(gridId: string): number {
    return mostUntil(Number.POSITIVE_INFINITY, this.#counts.get(gridId));
  }

  /** Whoever is in a grid first is one of those that it begins with. */
  #countsOf(gridId: string, { log }: RaftCore): Map<number, number> {
    const { index } = log.base;
    const counts = this.#counts.get(gridId) ?? new Map([[index, log.configurationAt(index).voters.length]]);
    this.#counts.set(gridId, counts);
    return counts;
  }
}

function mostUntil(index: number, counts: ReadonlyMap<number, number> = new Map()): number {
  return Math.max(0, ...[...counts].filter(([at]) => at <= index).map(([, count]) => count));
}
