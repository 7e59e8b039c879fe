import type { HamokConfig } from 'hamok';
import type { SeededRandom } from '../random.js';
import type { Process } from './world/process.js';
import type { World } from './world/world.js';

const names = 'abcdefghij';

/** Who runs the processes: starts them with their configuration, again where they ended, and attaches the clients. */
export class Operator {
  /** The hosts that are to have a process each. */
  readonly hosts = new Set<string>();

  constructor(
    readonly world: World,
    readonly random: SeededRandom,
  ) {}

  /** Every member once, in random order. */
  coldStart(): void {
    const { members, startWithin } = this.world.plan;
    for (const host of this.random.shuffled([...names].slice(0, members))) {
      this.hosts.add(host);
      this.world.queue.after(this.random.between(0, startWithin), () => this.restart(host));
    }
  }

  /** A process for a host that has none. */
  restart(host: string): void {
    if (this.hosts.has(host) && !this.world.on(host)) this.start(host, host);
  }

  start(peerId: string, host: string): Process {
    const { world } = this;
    const process = world.spawn(peerId, host, this.#config());
    const { hamok } = process;
    hamok.on('error', (error) => world.failed(process, error));
    hamok.on('rejoining', () => world.rejoining(process));
    process.act(() => {
      hamok.start().then(
        () => hamok.raft?.on('commit', (_, entry) => world.applied(process, entry)),
        (error: unknown) => world.violate(error),
      );
    });
    return process;
  }

  #config(): Partial<HamokConfig> {
    const { members, founding, snapshotEntries, keepEntries, removeDeadAfter, maxCommandBytes } = this.world.plan;
    const peers = [...names].slice(0, members);
    return {
      ...(founding === 'list' && { peers }),
      ...(founding === 'count' && { expectedPeers: members }),
      snapshots: { entries: snapshotEntries, keepEntries },
      removeDeadAfterInMs: removeDeadAfter,
      maxCommandBytes,
    };
  }
}
