import { describe, expect, it, onTestFinished } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import { gridOfStorages } from '../grid-of-storages.js';

type Any = SeparatedStorage<string, number> | FederatedStorage<string, number>;

const kinds = {
  separated: (member: Collections): Any => member.createSeparatedStorage<string, number>({ storageId: 's' }),
  federated: (member: Collections): Any =>
    member.createFederatedStorage<string, number>({ storageId: 's', merge: (all) => Math.max(...all) }),
};

/** Calls that follow one another without a pause until it is stopped, on keys of their own. Knows what each key has by what was acknowledged. */
class Load {
  readonly acknowledged = new Map<string, number>();
  readonly underWay = new Set<string>();
  #stopped = false;

  constructor(storages: readonly Any[]) {
    storages.forEach((storage, member) => {
      for (let worker = 0; worker < 2; worker++) void this.#work(storage, `${member}-${worker}`);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #work(storage: Any, name: string): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      const key = `${name}-${n % 5}`;
      this.underWay.add(key);
      try {
        if (n % 7 === 6) {
          await storage.delete(key);
          this.acknowledged.delete(key);
        } else {
          await storage.set(key, n);
          this.acknowledged.set(key, n);
        }
      } catch {
        return;
      }
      this.underWay.delete(key);
    }
  }
}

describe.each(Object.entries(kinds))('members of a %s storage', (_, create) => {
  it('are settled under a load that never pauses, and what was acknowledged by then survives a member', async () => {
    const { grid, clock, all, at, now } = await gridOfStorages(4, create);
    const load = new Load(all);
    onTestFinished(() => load.stop());
    let settled = 0;
    for (let ms = 0; ms < 100; ms += 5) {
      await clock.advance(5);
      if (all.every((storage) => storage.settled)) settled++;
    }
    expect(settled).toBe(20);
    load.stop();
    const acknowledged = [...load.acknowledged].filter(([key]) => !load.underWay.has(key));
    expect(acknowledged.length).toBeGreaterThan(20);
    grid.leave('d@1');
    await clock.advance(3000);
    const found = await now(at(0).getAll(acknowledged.map(([key]) => key)));
    expect(new Map([...found].sort())).toEqual(new Map(acknowledged.sort()));
  });

  it('are not settled after another has left until the copies are in their places, under a load as well', async () => {
    const { grid, clock, all } = await gridOfStorages(4, create);
    const load = new Load(all);
    onTestFinished(() => load.stop());
    await clock.advance(50);
    const rest = all.slice(0, 3);
    const concerned = all.slice(0, 2);
    const before = grid.copiesOfFrame;
    grid.copiesOfFrame = (from, to) => (from === 'a@1' && to === 'b@1' ? 0 : before(from, to));
    grid.leave('d@1');
    // One copies to the other, and that one is told everything by it.
    for (let ms = 0; ms < 300; ms += 5) {
      await clock.advance(5);
      expect(concerned.map((storage) => storage.settled)).toEqual([false, false]);
    }
    grid.copiesOfFrame = before;
    let settledAfter = 0;
    for (; settledAfter < 3000 && !rest.every((storage) => storage.settled); settledAfter += 5) await clock.advance(5);
    expect(settledAfter).toBeLessThan(3000);
    for (let ms = 0; ms < 50; ms += 5) {
      await clock.advance(5);
      expect(rest.map((storage) => storage.settled)).toEqual([true, true, true]);
    }
  });
});
