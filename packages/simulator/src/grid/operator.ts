import type { HamokConfig, HamokSnapshot } from 'hamok';
import type { SeededRandom } from '../random.js';
import { configurationsWith, mayLeave, survives } from './faults/crashes.js';
import { startApart } from './faults/two-grids.js';
import { follow } from './workload/calls.js';
import { leave } from './workload/leaving.js';
import type { Process } from './world/process.js';
import type { World } from './world/world.js';

const names = 'abcdefg';
const guestNames = ['x', 'y'];

/** Who runs the processes: starts them with their configuration, again where they ended, and now and then one too many. */
export class Operator {
  /** The hosts that are to have a process each, with its id. */
  readonly hosts = new Map<string, string>();
  readonly #twins = new Set<Process>();
  /** Ids of which a second process has ended that was in no grid: one may have begun with it. */
  readonly #doubled = new Set<string>();
  /** What ids are told of the members, other than all the others. */
  readonly #misinformed = new Map<string, readonly string[]>();
  /** The last state that a member handed out. */
  #handedOut: HamokSnapshot | undefined;

  constructor(
    readonly world: World,
    readonly random: SeededRandom,
  ) {}

  /** Every member once, in random order. */
  coldStart(): void {
    const { members, guests, startWithin, firstAloneFor, apart, misinformed } = this.world.plan;
    if (startWithin > 0) this.world.faults.add('cold start in random order');
    const hosts = [...names].slice(0, members);
    for (const host of this.random.shuffled([...hosts, ...guestNames.slice(0, guests)])) {
      const waits = this.hosts.size === 0 ? 0 : firstAloneFor;
      this.hosts.set(host, host);
      this.world.queue.after(waits + this.random.between(0, startWithin), () => this.restart(host));
    }
    if (misinformed) this.#misinform(hosts);
    if (apart) startApart(this.world, [...this.hosts.keys()].sort());
  }

  /** One is told of one member too few, until somebody sees that it stays out. */
  #misinform(hosts: readonly string[]): void {
    const { queue, plan } = this.world;
    const [host, unheardOf] = this.random.shuffled(hosts);
    if (host === undefined) return;
    this.#misinformed.set(
      host,
      hosts.filter((other) => other !== unheardOf),
    );
    queue.after(plan.firstAloneFor + plan.startWithin + this.random.between(500, 2500), () => {
      this.#misinformed.delete(host);
      const process = this.world.on(host);
      if (process?.gridId === undefined) process?.kill();
      this.restart(host);
    });
  }

  /** A process for a host that has none. */
  restart(host: string): void {
    const peerId = this.hosts.get(host);
    if (peerId !== undefined && !this.world.on(host)) this.#start(peerId, host);
  }

  /** Everyone has the process that it is to have, and nobody another. */
  setRight(): void {
    for (const process of [...this.#twins]) this.endTwin(process);
    this.#endDoubled();
    for (const host of this.hosts.keys()) this.restart(host);
  }

  /**
   * A grid that began with a second process which has ended waits for that: it is known to be gone when a later one is heard, and the first
   * one is an earlier one. Somebody sees that it stays out, as nobody leads.
   */
  #endDoubled(): void {
    const { leaders, living } = this.world;
    if (leaders.length > 0 || !living.some(({ core }) => core)) return;
    for (const process of living) if (this.#doubled.has(process.peerId) && process.gridId === undefined) process.kill();
  }

  /** Somebody keeps what a process holds. */
  keep(process: Process): void {
    process.act(() => {
      void follow(process, 'export', shown(process.hamok.export())).then((ending) => {
        if (ending.type === 'acknowledged') this.#handedOut = ending.result.snapshot;
      });
    });
  }

  hasTwin(peerId: string): boolean {
    return [...this.#twins].some((process) => process.peerId === peerId);
  }

  get twins(): number {
    return this.#twins.size;
  }

  /** On a host of its own: where an earlier second process stayed, it lives on that of one. */
  startTwin(peerId: string): Process {
    const host = `${peerId}'`;
    const process = this.#start(peerId, this.world.on(host) ? peerId : host);
    this.#twins.add(process);
    return process;
  }

  /** Whoever of the two is in the grid may stay: one that begins, and is led by nobody yet, may not do without. */
  endTwin(second: Process): void {
    if (!this.#twins.delete(second)) return;
    const original = this.world.living.find((process) => process !== second && process.peerId === second.peerId);
    if (second.isDead || !isCounted(second) || (original && isCounted(original))) {
      if (second.gridId === undefined) this.#doubled.add(second.peerId);
      return second.kill();
    }
    original?.kill();
    for (const [host, peerId] of this.hosts) if (peerId === second.peerId) this.hosts.delete(host);
    this.hosts.set(second.host, second.peerId);
  }

  /** A member that joins a grid that runs, for a while. @returns its id */
  startGuest(): string | undefined {
    const taken = new Set(this.hosts.values());
    const name = guestNames.find((guest) => !taken.has(guest));
    if (name === undefined) return undefined;
    this.hosts.set(name, name);
    this.#start(name, name);
    return name;
  }

  /** Whoever is there now leaves as it should, and stays where it cannot; or it is never seen again, where the grid is to find that out by itself. */
  endGuest(peerId: string): void {
    const [host = peerId] = [...this.hosts].find(([, id]) => id === peerId) ?? [];
    const guest = this.world.on(host);
    if (!guest) return;
    const { removeDeadAfter } = this.world.plan;
    if (removeDeadAfter > 0 && this.random.chance(0.5) && survives(this.world, guest)) {
      this.hosts.delete(host);
      return guest.kill();
    }
    if (!mayLeave(this.world, guest)) return;
    guest.act(() => {
      void leave(guest).then(({ type }) => {
        if (type !== 'acknowledged') return this.world.remains(guest);
        this.hosts.delete(host);
        return guest.kill();
      });
    });
  }

  #start(peerId: string, host: string): Process {
    const { world } = this;
    const process = world.spawn(peerId, host, this.#config(peerId));
    const { hamok } = process;
    hamok.on('error', (error) => world.failed(process, error));
    hamok.on('rejoining', () => world.rejoining(process));
    hamok.on('grid-conflict', () => world.counters.conflicts++);
    process.act(() => void this.#begin(process));
    return process;
  }

  /** Without a disk, now and then with a state that a member of the grid handed out: only what came after is needed then. */
  async #begin(process: Process): Promise<void> {
    const { plan } = this.world;
    if (this.#handedOut && !plan.apart && !process.disk && this.random.chance(0.5)) {
      this.world.operations.add('import');
      await process.hamok.import(this.#handedOut).catch((error: unknown) => this.world.violate(error));
    }
    process.act(() => process.start());
  }

  #config(peerId: string): Partial<HamokConfig> {
    const { plan } = this.world;
    const { members, expected, passive, founding } = plan;
    const { snapshotEntries, keepEntries, removeDeadAfter, maxCommandBytes, maxInFlight } = plan;
    const all = [...names].slice(0, members);
    const peers = this.#misinformed.get(peerId) ?? all;
    return {
      bootstrap: all.includes(peerId),
      onlyFollower: all.indexOf(peerId) >= members - passive,
      ...(founding === 'list' && { peers }),
      ...(founding === 'count' && { expectedPeers: expected }),
      snapshots: { entries: snapshotEntries, keepEntries },
      removeDeadAfterInMs: removeDeadAfter,
      maxCommandBytes,
      maxInFlight,
    };
  }
}

/** So that traces show how far it goes. */
async function shown(call: Promise<HamokSnapshot>) {
  const snapshot = await call;
  return { snapshot, toJSON: () => snapshot.commitIndex };
}

/** Whether it is a member as far as its grid may go by: what one that lags behind takes itself for does not count. */
function isCounted(process: Process): boolean {
  return configurationsWith(process).length > 0;
}
