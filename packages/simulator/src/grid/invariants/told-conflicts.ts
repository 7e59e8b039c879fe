import { Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** How long two processes may reach each other before one of them has noticed (ms): whoever looks for a grid says hello ten times a second. */
const noticedWithin = 3000;

/**
 * Where two processes with one id reach each other, one of them tells. Where two grids of one name stay, whoever is in one of them has told of
 * the other.
 */
export class ToldConflicts implements GridInvariant {
  readonly name = 'conflicts are told';
  readonly source = 'architecture, rule 1; "Two grids that meet do not merge"';
  readonly #byId = new Map<string, Set<Process>>();
  readonly #toldOfId = new WeakSet<Process>();
  readonly #toldOfGrid = new WeakSet<Process>();
  /** Since when the processes with an id reach each other. */
  readonly #together = new Map<string, number>();

  onSpawn(process: Process): void {
    const { hamok, peerId } = process;
    this.#byId.set(peerId, (this.#byId.get(peerId) ?? new Set()).add(process));
    hamok.on('grid-conflict', () => this.#toldOfGrid.add(process));
  }

  onDeath(process: Process): void {
    this.#byId.get(process.peerId)?.delete(process);
    this.#together.delete(process.peerId);
  }

  onError(process: Process, error: Error): void {
    if ('code' in error && error.code === 'duplicate-member') this.#toldOfId.add(process);
  }

  onStep({ peerId, world }: Process): void {
    const [a, b] = this.#byId.get(peerId) ?? [];
    if (!a || !b) return;
    const { network } = world.fabric;
    const isApart = network.isCut(a.host, b.host) || network.isCut(b.host, a.host);
    const areHeard = [a, b].every(({ status, hamok }) => status === 'running' && hamok.run);
    if (isApart || !areHeard) return void this.#together.delete(peerId);
    const { now } = world.queue;
    const since = this.#together.get(peerId) ?? now;
    this.#together.set(peerId, since);
    if (now - since > noticedWithin && !this.#toldOfId.has(a) && !this.#toldOfId.has(b))
      throw new Violation(this.name, `${a.name} and ${b.name} have one id, and neither tells`);
  }

  onEnd(): void {
    const processes = [...this.#byId.values()].flatMap((some) => [...some]);
    const grids = new Set(processes.map(({ gridId }) => gridId));
    const unaware = processes.find((process) => !this.#toldOfGrid.has(process));
    if (grids.size > 1 && unaware)
      throw new Violation(this.name, `${unaware.name} does not tell that there are two grids`);
  }
}
