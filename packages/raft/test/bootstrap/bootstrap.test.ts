import { describe, expect, it } from 'vitest';
import type { Base } from '../../src/bootstrap/base.js';
import type { GridMessage } from '../../src/bootstrap/messages.js';
import type { BootstrapPlan } from '../../src/bootstrap/plan.js';
import { GridSearch } from '../../src/bootstrap/search.js';
import { type GridView, GridWelcome } from '../../src/bootstrap/welcome.js';
import { majority } from '../../src/core/configuration.js';
import { idOf, type MemberId, memberId } from '../../src/identity/member-id.js';

/** One start of one id: it searches until it is bound, and then welcomes others. */
interface Process {
  readonly member: MemberId;
  search: GridSearch | undefined;
  welcome: GridWelcome | undefined;
  gridId: string | undefined;
  members: readonly MemberId[];
}

interface WorldOptions {
  readonly seed: number;
  readonly plan: (id: string) => BootstrapPlan;
  /** The state that each start of an id holds. */
  readonly base?: (id: string) => Base | undefined;
  readonly maxDelayInMs: number;
  readonly loss: number;
}

/**
 * Processes that begin a grid over a network that loses, delays and reorders, on virtual time. In the place of consensus stands
 * its promise: a grid lives while a majority of the incarnations it was begun with is bound to it and running.
 */
class World {
  now = 0;
  readonly running = new Map<string, Process>();
  readonly bound = new Map<string, { members: readonly MemberId[]; bound: Set<MemberId> }>();
  readonly #options: WorldOptions;
  readonly #deliveries: { at: number; order: number; message: GridMessage; to: string }[] = [];
  #state: number;
  #starts = 0;
  #order = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#state = options.seed * 2 + 1;
  }

  random = (): number => {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  };

  start(id: string): void {
    this.#starts++;
    const member = memberId(id, this.#starts);
    const search = new GridSearch({
      self: member,
      plan: this.#options.plan(id),
      action: 'join',
      intervalInMs: 100,
      random: this.random,
      base: this.#options.base?.(id),
      newGridId: () => `grid of ${member} ${Math.floor(this.random() * 1e9)}`,
      now: this.now,
    });
    this.running.set(id, { member, search, welcome: undefined, gridId: undefined, members: [] });
  }

  stop(id: string): void {
    this.running.delete(id);
  }

  run(durationInMs: number): void {
    const end = this.now + durationInMs;
    while (this.now < end) {
      this.now += 10;
      const due = this.#deliveries.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at || a.order - b.order);
      for (const delivery of due) this.#deliveries.splice(this.#deliveries.indexOf(delivery), 1);
      for (const { message, to } of due) this.#deliver(message, to);
      for (const process of [...this.running.values()]) {
        process.search?.tick(this.now);
        process.welcome?.tick(this.now);
        this.#collect(process);
      }
      this.#check();
    }
  }

  /** Grids that could elect a leader, counting everyone who ever was bound, running or not. */
  get electable(): string[] {
    return [...this.bound].filter(([, { members, bound }]) => bound.size >= majority(members.length)).map(([id]) => id);
  }

  #isLive(gridId: string): boolean {
    const grid = this.bound.get(gridId);
    const alive = grid?.members.filter(
      (member) =>
        this.running.get(idOf(member))?.gridId === gridId && this.running.get(idOf(member))?.member === member,
    );
    return grid !== undefined && (alive?.length ?? 0) >= majority(grid.members.length);
  }

  #deliver(message: GridMessage, to: string): void {
    const process = this.running.get(to);
    if (!process) return;
    process.search?.step(message, this.now);
    if (process.welcome && process.gridId !== undefined) {
      const { gridId } = process;
      process.welcome.step(message, this.#view(process), this.now);
      if (message.type === 'membership-request' && message.gridId === gridId) {
        const outcome = this.#isLive(gridId) ? 'accepted' : 'not-leader';
        const { member: from, members } = process;
        this.#send({
          type: 'membership-response',
          from,
          to: idOf(message.from),
          gridId,
          asker: message.from,
          action: message.action,
          outcome,
          members,
          leader: undefined,
          asOf: -1,
          present: undefined,
          parentGridId: undefined,
          base: undefined,
        });
      }
    }
    this.#collect(process);
  }

  #view({ members }: Process): GridView {
    return { configuration: { voters: members, learners: [] }, leader: undefined, isUnused: true };
  }

  #collect(process: Process): void {
    for (const message of process.search?.takeMessages() ?? []) this.#send(message);
    for (const message of process.welcome?.takeMessages() ?? []) this.#send(message);
    const binding = process.search?.binding;
    if (binding) {
      process.search = undefined;
      process.gridId = binding.gridId;
      process.members = binding.members;
      process.welcome = new GridWelcome({ self: process.member, binding, intervalInMs: 100, now: this.now });
      const grid = this.bound.get(binding.gridId) ?? { members: binding.members, bound: new Set<MemberId>() };
      expect(binding.members).toEqual(grid.members);
      if (!binding.joining) grid.bound.add(process.member);
      this.bound.set(binding.gridId, grid);
      for (const other of this.running.values()) {
        if (other.gridId !== binding.gridId || other === process) continue;
        // Consensus tells them who is in, and so whose place that one has.
        const { gridId } = binding;
        const hello = { type: 'hello', expected: [], joinsOnly: false, gridId, base: undefined } as const;
        other.welcome?.step({ ...hello, from: process.member }, this.#view(other), this.now);
        process.welcome.step({ ...hello, from: other.member }, this.#view(process), this.now);
        other.welcome?.seen(process.member);
        process.welcome.seen(other.member);
      }
    }
    if (process.welcome?.isHopeless(this.#view(process))) this.start(idOf(process.member));
  }

  #send(message: GridMessage): void {
    const targets =
      message.to === undefined ? [...this.running.keys()].filter((id) => id !== idOf(message.from)) : [message.to];
    for (const to of targets) {
      if (this.random() < this.#options.loss) continue;
      this.#order++;
      const at = this.now + this.random() * this.#options.maxDelayInMs;
      this.#deliveries.push({ at, order: this.#order, message, to });
    }
  }

  #check(): void {
    const electable = this.electable.filter((gridId) =>
      this.bound.get(gridId)?.members.some((member) => this.running.get(idOf(member))?.member === member),
    );
    const live = electable.filter((gridId) => this.#isLive(gridId));
    expect(live.length, `two grids live at ${this.now}: ${live.join(', ')}`).toBeLessThanOrEqual(1);
  }
}

const ids = ['a', 'b', 'c'];
const list = (): BootstrapPlan => ({ type: 'list', ids });

function oneGrid(world: World): boolean {
  const grids = new Set([...world.running.values()].map(({ gridId }) => gridId));
  return grids.size === 1 && !grids.has(undefined);
}

/** Members start one after another; then some of them do so again, at any moment. Ends when they have had time to find each other. */
function startAndRestart(world: World, restarts: number): void {
  for (const id of ids) {
    world.start(id);
    world.run(Math.floor(world.random() * 600));
  }
  for (let restart = 0; restart < restarts; restart++) {
    const id = ids[Math.floor(world.random() * 3)] ?? 'a';
    world.stop(id);
    world.run(Math.floor(world.random() * 800));
    if (!world.running.has(id)) world.start(id);
    world.run(Math.floor(world.random() * 800));
  }
  for (let waited = 0; !oneGrid(world) && waited < 60_000; waited += 500) world.run(500);
}

/** Begins no grid, and asks one that runs to let it in. */
function joiner(): GridSearch {
  return new GridSearch({
    self: memberId('d', 1),
    plan: { type: 'none' },
    action: 'join',
    intervalInMs: 100,
    random: () => 0.5,
    newGridId: () => 'none',
    now: 0,
  });
}

describe('bootstrapping', () => {
  it('makes one grid of three starts in every order, whatever the delays between them', () => {
    const orders = ids.flatMap((x) =>
      ids.filter((y) => y !== x).map((y) => [x, y, ...ids.filter((z) => z !== x && z !== y)]),
    );
    for (const [i, order] of orders.entries()) {
      for (const pauseInMs of [0, 30, 500, 7000]) {
        const world = new World({ seed: i + 1, plan: list, maxDelayInMs: 20, loss: 0 });
        for (const id of order) {
          world.start(id);
          world.run(pauseInMs);
        }
        world.run(1000);
        expect(oneGrid(world), `${order} ${pauseInMs}`).toBe(true);
        expect(world.electable.length).toBe(1);
      }
    }
  });

  it('never makes two grids that live, and ends with one, while any of the listed restart at any moment', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const world = new World({ seed, plan: list, maxDelayInMs: 10 + (seed % 7) * 150, loss: (seed % 4) * 0.1 });
      startAndRestart(world, 6);
      expect(
        oneGrid(world),
        `seed ${seed}: ${JSON.stringify([...world.running.values()].map(({ member, gridId }) => [member, gridId]))}`,
      ).toBe(true);
    }
  });

  it('begins with the latest state that is held, and with those that hold it, while any of the listed restart at any moment', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const heldBy = (id: string): number => (seed >> (2 * ids.indexOf(id))) % 4;
      const base = (id: string): Base | undefined => {
        const index = heldBy(id);
        return index === 0 ? undefined : { gridId: 'g', position: { index, term: 1, time: 0 }, digest: `${index}` };
      };
      const latest = Math.max(...ids.map(heldBy));
      const founders = ids.filter((id) => heldBy(id) === latest);
      const world = new World({ seed, plan: list, base, maxDelayInMs: 10 + (seed % 7) * 100, loss: (seed % 3) * 0.1 });
      startAndRestart(world, 4);
      expect(oneGrid(world), `seed ${seed}`).toBe(true);
      expect(world.bound.size).toBeGreaterThan(0);
      for (const { members } of world.bound.values()) expect(members.map(idOf), `seed ${seed}`).toEqual(founders);
    }
  });

  it('waits for everyone on the list', () => {
    const world = new World({ seed: 1, plan: list, maxDelayInMs: 5, loss: 0 });
    world.start('a');
    world.start('b');
    world.run(30_000);
    expect(world.bound.size).toBe(0);
  });

  it('waits for the number of members that was given, and takes them as they are found', () => {
    const world = new World({ seed: 1, plan: () => ({ type: 'count', count: 3 }), maxDelayInMs: 5, loss: 0 });
    world.start('x');
    world.start('z');
    world.run(5000);
    expect(world.bound.size).toBe(0);
    world.start('y');
    world.run(1000);
    expect([...world.bound.values()].map(({ members }) => members.map(idOf))).toEqual([['x', 'y', 'z']]);
  });

  it('counts a process whose id had a second one, which is gone', () => {
    const world = new World({ seed: 1, plan: () => ({ type: 'count', count: 3 }), maxDelayInMs: 5, loss: 0 });
    world.start('x');
    world.start('y');
    world.run(1000);
    const first = world.running.get('x');
    world.start('x');
    world.run(1000);
    if (first) world.running.set('x', first);
    world.run(5000);
    world.start('z');
    world.run(5000);
    expect([...world.bound.values()].map(({ members }) => members.map(idOf))).toEqual([['x', 'y', 'z']]);
    expect(oneGrid(world)).toBe(true);
  });

  it('with neither begins with those found in the discovery time, but never alone', () => {
    const plan = (): BootstrapPlan => ({ type: 'found', discoveryTimeInMs: 2000 });
    const world = new World({ seed: 1, plan, maxDelayInMs: 5, loss: 0 });
    world.start('x');
    world.run(10_000);
    expect(world.bound.size).toBe(0);
    world.start('y');
    world.run(1900);
    expect(world.bound.size).toBe(0);
    world.run(1000);
    expect(oneGrid(world)).toBe(true);
  });

  it('begins nothing where members expect different lists', () => {
    const plan = (id: string): BootstrapPlan => ({ type: 'list', ids: id === 'b' ? ['a', 'b'] : ids });
    const world = new World({ seed: 1, plan, maxDelayInMs: 5, loss: 0 });
    for (const id of ids) world.start(id);
    world.run(10_000);
    expect(world.bound.size).toBe(0);
  });

  it('joins the grid that runs where bootstrapping is off, and where the list is old', () => {
    const plan = (id: string): BootstrapPlan =>
      id === 'd' ? { type: 'none' } : id === 'e' ? { type: 'list', ids: ['e', 'b'] } : list();
    const world = new World({ seed: 1, plan, maxDelayInMs: 5, loss: 0 });
    world.start('d');
    world.run(5000);
    expect(world.bound.size).toBe(0);
    for (const id of ids) world.start(id);
    world.run(1000);
    world.start('e');
    world.run(1000);
    expect(oneGrid(world)).toBe(true);
    expect(world.bound.size).toBe(1);
  });

  it.each<[string, BootstrapPlan]>([
    ['a number', { type: 'count', count: 3 }],
    ['nothing', { type: 'found', discoveryTimeInMs: 2000 }],
  ])('begins without who only joins, where the members were told %s', (_, plan) => {
    const planOf = (id: string): BootstrapPlan => (id === 'd' ? { type: 'none' } : plan);
    const world = new World({ seed: 1, plan: planOf, maxDelayInMs: 5, loss: 0 });
    world.start('d');
    for (const id of ids) world.start(id);
    world.run(10_000);
    expect([...world.bound.values()].map(({ members }) => members.map(idOf))).toEqual([ids]);
    expect(oneGrid(world)).toBe(true);
  });

  it('asks each member of a grid without a leader once a round, whatever they answer, however often it comes', () => {
    const members = ids.map((id) => memberId(id, 1));
    const search = joiner();
    const heard = {
      to: 'd',
      asker: memberId('d', 1),
      gridId: 'grid',
      leader: undefined,
      asOf: -1,
      members,
      present: undefined,
    } as const;
    const answer = {
      type: 'membership-response',
      action: 'join',
      outcome: 'not-leader',
      parentGridId: undefined,
      base: undefined,
    } as const;
    for (let round = 1; round <= 10; round++) {
      search.tick(round * 100);
      for (let i = 0; i < 20; i++)
        for (const from of members) search.step({ ...answer, ...heard, from }, round * 100 + i);
      const asked = search.takeMessages().flatMap(({ type, to }) => (type === 'membership-request' ? [to] : []));
      expect(asked.sort()).toEqual(ids);
    }
  });

  it('asks as of what it is told is committed: at once where its question was stale, and that once a round', () => {
    const search = joiner();
    const asked = () =>
      search.takeMessages().flatMap((message) => (message.type === 'membership-request' ? [message.asOf] : []));
    const from = memberId('a', 1);
    const heard = {
      from,
      to: 'd',
      asker: memberId('d', 1),
      members: [from],
      leader: from,
      present: undefined,
      base: undefined,
    } as const;
    const answer = {
      ...heard,
      type: 'membership-response',
      action: 'join',
      gridId: 'grid',
      parentGridId: undefined,
    } as const;
    search.step({ ...answer, outcome: 'pending', asOf: 3 }, 10);
    expect(asked()).toEqual([3]);
    for (const asOf of [7, 9, 8]) search.step({ ...answer, outcome: 'stale', asOf }, 20);
    expect(asked()).toEqual([7]);
    search.tick(100);
    expect(asked()).toEqual([9]);
    search.step({ ...answer, outcome: 'stale', asOf: 12 }, 110);
    expect(asked()).toEqual([12]);
    search.step({ ...answer, gridId: 'another grid', outcome: 'pending', asOf: 2 }, 120);
    search.tick(200);
    expect(asked()).toEqual([2]);
  });

  it('gives up a grid whose members are gone, but none for a second process that came and went', () => {
    const members = ids.map((id) => memberId(id, 1));
    const [, b = '', c = ''] = members;
    const binding = { gridId: 'grid', members, joining: false };
    const view: GridView = { configuration: { voters: members, learners: [] }, leader: undefined, isUnused: true };
    const welcome = new GridWelcome({ self: c, binding, intervalInMs: 100, now: 0 });
    const hello = { type: 'hello', expected: ids, joinsOnly: false, gridId: undefined, base: undefined } as const;
    welcome.step({ ...hello, from: memberId('a', 2) }, view, 10);
    welcome.step({ ...hello, from: memberId('b', 2) }, view, 20);
    expect(welcome.isHopeless(view)).toBe(false);
    welcome.step({ ...hello, from: b, gridId: 'grid' }, view, 1000);
    welcome.tick(5000);
    expect(welcome.isHopeless(view)).toBe(false);
    welcome.step({ ...hello, from: memberId('b', 2) }, view, 5000);
    welcome.tick(6990);
    expect(welcome.isHopeless(view)).toBe(false);
    welcome.tick(7000);
    expect(welcome.isHopeless(view)).toBe(true);
  });

  it('offers a grid to nobody who offers it too, for followers hear nothing else of each other', () => {
    const members = ids.map((id) => memberId(id, 1));
    const [, b = '', c = ''] = members;
    const binding = { gridId: 'grid', members, joining: false };
    const view: GridView = { configuration: { voters: members, learners: [] }, leader: undefined, isUnused: true };
    const welcome = new GridWelcome({ self: b, binding, intervalInMs: 100, now: 0 });
    const offered = (now: number): (string | undefined)[] => {
      welcome.tick(now);
      return welcome.takeMessages().map(({ to }) => to);
    };
    expect(offered(0)).toEqual(['a', 'c']);
    welcome.step({ type: 'bootstrap-offer', from: c, to: 'b', gridId: 'grid', members, base: undefined }, view, 50);
    expect(offered(100)).toEqual(['a']);
    const other = {
      type: 'bootstrap-offer',
      from: memberId('a', 1),
      to: 'b',
      gridId: 'other',
      members,
      base: undefined,
    } as const;
    welcome.step(other, view, 150);
    expect(offered(200)).toEqual(['a']);
  });
});
