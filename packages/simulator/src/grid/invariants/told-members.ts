import { type Configuration, idOf } from '@hamok/raft';
import { membersOf, Violation } from '../../invariants/invariant.js';
import type { Process } from '../world/process.js';
import type { GridInvariant } from './grid-invariant.js';

/** A member tells of everyone who joins its grid or leaves it, once each, when it applies that; each incarnation of all anew. */
export class ToldMembers implements GridInvariant {
  readonly name = 'who joins and who leaves is told';
  readonly source = 'HamokEventMap: remote-peer-joined, remote-peer-left';
  /** Of each configuration that was looked at, which is step after step. */
  readonly #ids = new WeakMap<Configuration, readonly string[]>();
  readonly #told = new WeakMap<Process, Set<string>>();

  onSpawn(process: Process): void {
    const { hamok } = process;
    const told = new Set<string>();
    this.#told.set(process, told);
    hamok.on('remote-peer-joined', (id) => {
      if (told.has(id)) this.#violate(process, `${id} joined, who is there`);
      told.add(id);
    });
    hamok.on('remote-peer-left', (id) => {
      if (!told.delete(id)) this.#violate(process, `${id} left, who was not there`);
    });
    for (const event of ['rejoining', 'stopped'] as const) hamok.on(event, () => told.clear());
  }

  onStep(process: Process): void {
    const told = this.#told.get(process);
    const { core, peerId, isDead } = process;
    if (!told || !core || isDead) return;
    const { log } = core;
    const others = this.#idsIn(log.configurationAt(log.appliedIndex)).filter((id) => id !== peerId);
    if (others.length !== told.size || others.some((id) => !told.has(id)))
      throw new Violation(this.name, `${process.name} is in a grid with [${others}], and told of [${[...told]}]`);
  }

  #idsIn(configuration: Configuration): readonly string[] {
    const known = this.#ids.get(configuration);
    if (known) return known;
    const ids = membersOf(configuration).map(idOf);
    this.#ids.set(configuration, ids);
    return ids;
  }

  #violate(process: Process, what: string): void {
    process.world.violate(new Violation(this.name, `${process.name} tells that ${what}`));
  }
}
