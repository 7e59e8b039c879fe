import { describe, expect, it } from 'vitest';
import type { Collections, FederatedStorage, SeparatedStorage } from '../../src/index.js';
import type { InMemoryGrid } from '../../src/testing/index.js';
import { ids } from '../grid.js';
import { gridOfStorages, homeOf, rankingOf, rankingOfParticipants } from '../grid-of-storages.js';

const keys = Array.from({ length: 120 }, (_, n) => `k-${n}`);
const entries = keys.map((key, n) => [key, n] as const);

const separated = (backups: number) => (member: Collections) =>
  member.createSeparatedStorage<string, number>({ storageId: 's', backups });
const federated = (backups: number) => (member: Collections) =>
  member.createFederatedStorage<string, number>({ storageId: 's', backups, merge: (all) => Math.max(...all) });

/** Loses the frames from one member to others, from now on. */
function cut(grid: { copiesOfFrame: (from: string, to: string) => number }, from: string, ...to: string[]): void {
  const before = grid.copiesOfFrame;
  grid.copiesOfFrame = (sender, receiver) => (sender === from && to.includes(receiver) ? 0 : before(sender, receiver));
}

/** Members that come later, with their storages. */
function joinedBy<S>(
  grid: InMemoryGrid,
  make: (id: string) => Collections,
  members: readonly string[],
  create: (member: Collections) => S,
): Promise<S[]> {
  const join = async (id: string) => {
    grid.join(id);
    const member = make(id);
    await member.start();
    return create(member);
  };
  return Promise.all(members.map(join));
}

type Any = SeparatedStorage<string, number> | FederatedStorage<string, number>;

function reportsOf(storages: readonly Any[]): string[] {
  const lost: string[] = [];
  for (const { incidents } of storages) incidents.on('lost', (gone) => lost.push(...gone));
  return lost;
}

/** Of each entry that is held, so many backups and witnesses are kept, and nothing else. */
function expectCopies(storages: readonly Any[], backups: number): void {
  const total = { held: 0, backups: 0, witnesses: 0 };
  for (const storage of storages) {
    expect(storage.settled).toBe(true);
    total.held += storage.stats.held;
    total.backups += storage.stats.backups;
    total.witnesses += storage.stats.witnesses;
  }
  const copies = Math.min(backups, storages.length - 1);
  const witnesses = storages.length - 1 > backups ? 1 : 0;
  expect(total).toEqual({ held: total.held, backups: copies * total.held, witnesses: witnesses * total.held });
}

describe('what a member that left had written, and what had reached some only', () => {
  it('leaves no copy behind, and no report of a loss, where nobody but witnesses had heard of it', async () => {
    const { grid, clock, all, at } = await gridOfStorages(3, federated(1));
    const lost = reportsOf(all);
    cut(grid, 'c@1', 'a@1');
    at(2)
      .setAll(entries)
      .catch(() => undefined);
    await clock.advance(1000);
    expect(at(1).stats.witnesses).toBeGreaterThan(0);
    grid.leave('c@1');
    await clock.advance(1000);
    expectCopies([at(0), at(1)], 1);
    expect(lost).toEqual([]);
  });

  it('leaves none where another member joined before their home was told', async () => {
    const { grid, clock, at, make } = await gridOfStorages(3, federated(1));
    const whole = grid.copiesOfFrame;
    cut(grid, 'c@1', 'a@1');
    at(2)
      .setAll(entries)
      .catch(() => undefined);
    await clock.advance(1000);
    cut(grid, 'b@1', 'a@1');
    grid.leave('c@1');
    await clock.advance(1000);
    const joined = await joinedBy(grid, make, ['d@1', 'e@1'], federated(1));
    await clock.advance(1000);
    grid.copiesOfFrame = whole;
    await clock.advance(5000);
    expectCopies([at(0), at(1), ...joined], 1);
  });

  it('is restored where its home had not heard of it, before the key is given to another one', async () => {
    const { grid, clock, at, now } = await gridOfStorages(4, separated(2));
    const whole = grid.copiesOfFrame;
    // The home learns nothing from the writer once that holds what it was granted.
    grid.copiesOfFrame = (from, to) => (from === 'd@1' && to === 'a@1' && at(3).localSize > 0 ? 0 : whole(from, to));
    const homed = keys.filter((key) => homeOf(key, 4) === 'a@1');
    at(3)
      .setAll(homed.map((key) => [key, 1]))
      .catch(() => undefined);
    await clock.advance(1000);
    grid.copiesOfFrame = whole;
    cut(grid, 'c@1', 'a@1');
    grid.leave('d@1');
    await clock.advance(0);
    const inserted = at(1).insertAll(homed.map((key) => [key, 2]));
    await clock.advance(500);
    grid.copiesOfFrame = whole;
    expect(new Set((await now(inserted)).values())).toEqual(new Set([1]));
    expect((await now(at(2).deleteAll(homed))).size).toBe(homed.length);
    grid.leave('a@1');
    await clock.advance(2000);
    expect(await now(at(2).getAll(homed))).toEqual(new Map());
    expectCopies([at(1), at(2)], 2);
  });
});

describe('what is being deleted, and a copy is left of it', () => {
  const takeOuts: [string, (storage: Any) => Promise<unknown>, (member: Collections) => Any][] = [
    ['delete of a version', (storage) => storage.delete('k'), federated(2)],
    ['clear of versions', (storage) => storage.clear(), federated(2)],
    ['clear', (storage) => storage.clear(), separated(2)],
  ];
  it.each(takeOuts)('is gone for a second %s only when the copy is gone', async (_, takeOut, create) => {
    const { grid, clock, at, now } = await gridOfStorages<Any>(4, create);
    await now(at(3).set('k', 1));
    const whole = grid.copiesOfFrame;
    cut(grid, 'd@1', 'c@1');
    takeOut(at(0)).catch(() => undefined);
    await clock.advance(100);
    let isGone = false;
    const second = takeOut(at(1)).then(() => {
      isGone = true;
    });
    await clock.advance(500);
    expect(isGone).toBe(false);
    grid.leave('d@1');
    grid.copiesOfFrame = whole;
    await now(second);
    expect(await now(at(0).get('k'))).toBeUndefined();
    await clock.advance(1000);
    expectCopies([at(0), at(1), at(2)], 2);
  });

  it('is told as deleted when it was written anew meanwhile, and that is deleted as well', async () => {
    const { grid, clock, at, now } = await gridOfStorages(4, federated(2));
    await now(at(3).set('k', 1));
    const whole = grid.copiesOfFrame;
    cut(grid, 'd@1', 'c@1');
    const first = at(0).evictAll(['k']);
    await clock.advance(100);
    const written = at(3).set('k', 2);
    await clock.advance(100);
    const second = at(1).evictAll(['k']);
    await clock.advance(100);
    expect(at(3).localGet('k')).toBeUndefined();
    grid.copiesOfFrame = whole;
    expect(await now(Promise.all([first, written, second]))).toEqual([
      new Map([['k', 1]]),
      undefined,
      new Map([['k', 2]]),
    ]);
    expect(await now(at(2).get('k'))).toBeUndefined();
    expectCopies([at(0), at(1), at(2), at(3)], 2);
  });
});

it('deletes again as another participant what was not gone everywhere when it was taken for dead', async () => {
  const { grid, clock, at, now } = await gridOfStorages(4, federated(2));
  await now(at(3).setAll(entries));
  const whole = grid.copiesOfFrame;
  cut(grid, 'b@1', 'd@1');
  at(0)
    .deleteAll(keys, { timeoutInMs: 50 })
    .catch(() => undefined);
  await clock.advance(100);
  const copiesLeft = at(3)
    .deleteAll(keys)
    .then(() => at(0).stats.held + at(0).stats.backups);
  await clock.advance(100);
  // All answer that one now, and the homes among them have not heard yet that the others have no copies.
  grid.copiesOfFrame = whole;
  cut(grid, 'd@1', 'a@1');
  await clock.advance(1000);
  expect(at(0).stats.backups).toBeGreaterThan(0);
  await grid.reincarnate('d@1', 'd@2');
  grid.copiesOfFrame = whole;
  expect(await now(copiesLeft)).toBe(0);
});

it('deletes before it tells a new home that this was told everything', async () => {
  const { grid, clock, at, now, make } = await gridOfStorages(3, separated(1));
  await now(at(2).setAll(entries));
  const whole = grid.copiesOfFrame;
  cut(grid, 'c@1', 'b@1');
  at(2)
    .deleteAll(keys)
    .catch(() => undefined);
  await clock.advance(100);
  const joined = await joinedBy(grid, make, ['d@1', 'e@1', 'f@1'], separated(1));
  await clock.advance(500);
  cut(grid, 'b@1', 'd@1', 'e@1', 'f@1');
  grid.leave('c@1');
  await clock.advance(0);
  const deleted: string[] = [];
  for (const key of keys)
    void at(0)
      .set(key, -1)
      .then(() => at(0).delete(key))
      .then(
        () => deleted.push(key),
        () => undefined,
      );
  await clock.advance(1000);
  const acknowledged = [...deleted];
  grid.copiesOfFrame = whole;
  await clock.advance(1000);
  grid.leave('d@1');
  await clock.advance(3000);
  expect(await now(at(0).getAll(acknowledged))).toEqual(new Map());
  expectCopies([at(0), at(1), ...joined.slice(1)], 1);
});

it('leaves their values to those who had them, until all have theirs who keep them now', async () => {
  const { grid, clock, all, at, now, make } = await gridOfStorages(4, separated(2));
  const lost = reportsOf(all);
  // B is the first backup, and becomes the witness when others come before it; another one is that then, without b.
  const then = ['a@1/0', 'b@1/1', 'c@1/2', 'e@1/5', 'f@1/7'];
  const key = keys.find((each) => {
    const [one, other, third] = rankingOfParticipants(each, then);
    return String([one, other].sort()) === 'e@1,f@1' && third === 'b@1';
  });
  if (key === undefined) expect.fail();
  await now(at(3).set(key, 1));
  cut(grid, 'd@1', 'e@1', 'f@1');
  for (const id of ['e@1', 'f@1']) {
    await joinedBy(grid, make, [id], separated(2));
    await clock.advance(500);
  }
  grid.leave('b@1');
  await clock.advance(500);
  grid.leave('d@1');
  await clock.advance(3000);
  expect(await now(at(0).get(key))).toBe(1);
  expect(lost).toEqual([]);
});

it('restores from copies with values, though a witness of who restored it first heard of that alone', async () => {
  const { grid, clock, all, at, now } = await gridOfStorages(5, separated(2));
  const lost = reportsOf(all);
  await now(at(0).setAll(entries));
  cut(grid, 'b@1', 'c@1', 'd@1');
  grid.leave('a@1');
  await clock.advance(1000);
  expect(at(1).localSize).toBeGreaterThan(0);
  grid.leave('b@1');
  await clock.advance(3000);
  expect(lost).toEqual([]);
  expect((await now(at(2).getAll(keys))).size).toBe(keys.length);
  expectCopies([at(2), at(3), at(4)], 2);
});

it('tells a new witness of what was restored, though copies from before are not all dropped yet', async () => {
  const { grid, clock, all, at, now } = await gridOfStorages(5, separated(1));
  const key = keys.find((each) => rankingOf(each, 5)[0] === 'e@1') ?? expect.fail();
  const [, home = '', backup = '', witness = ''] = rankingOf(key, 5);
  const of = (id: string): Any => at(ids.indexOf(id));
  await now(at(4).set(key, 1));
  const whole = grid.copiesOfFrame;
  // Who keeps the new backup was the witness before. It is not heard any more once the new witness has heard, and so cannot say what it dropped.
  let isTold = false;
  of(home).events.on('restored', () => {
    grid.copiesOfFrame = (from, to) => {
      isTold ||= of(witness).stats.witnesses > 0;
      return isTold && from === backup && to === home ? 0 : whole(from, to);
    };
  });
  grid.leave('e@1');
  await clock.advance(500);
  expect(isTold).toBe(true);
  expect(of(home).settled).toBe(false);
  grid.leave(witness);
  await clock.advance(500);
  grid.copiesOfFrame = whole;
  await clock.advance(5000);
  expectCopies(
    all.slice(0, 4).filter((storage) => storage !== of(witness)),
    1,
  );
});

it('deletes nothing of which others may have copies from before it was restored', async () => {
  const { grid, clock, at, now, make } = await gridOfStorages(3, federated(1));
  await now(at(0).setAll(entries));
  // The writer does not hear that its copies have come to those who join, and drops none.
  cut(grid, 'c@1', 'a@1');
  const joined = await joinedBy(grid, make, ['d@1', 'e@1', 'f@1', 'g@1'], federated(1));
  const [d = expect.fail(), e = expect.fail()] = joined;
  await clock.advance(500);
  // In the first frames d tells c what everybody is told; but not in what it has restored, of which c has copies.
  const whole = grid.copiesOfFrame;
  let frames = 0;
  grid.copiesOfFrame = (from, to) => (from === 'd@1' && to === 'c@1' && ++frames > 5 ? 0 : whole(from, to));
  grid.leave('a@1');
  await clock.advance(500);
  expect(d.stats.held).toBeGreaterThan(0);
  const deleted: string[] = [];
  for (const key of keys)
    void e.delete(key).then(
      () => deleted.push(key),
      () => undefined,
    );
  await clock.advance(1000);
  grid.leave('d@1');
  const acknowledged = [...deleted];
  await clock.advance(3000);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(await now(e.getAll(acknowledged))).toEqual(new Map());
  expectCopies([at(1), at(2), ...joined.slice(1)], 1);
});

// Each is restored by one of the second who join, and its home is one of the third then.
it.each(['k-24', 'k-32', 'k-117'])('drops the copies of %s that it was told of before others joined', async (key) => {
  const { grid, clock, at, now, make } = await gridOfStorages(3, federated(1));
  await now(at(0).set(key, 1));
  // Those who join are told nothing: neither the first of them, while the writer is there, nor the second, who never knew it.
  const whole = grid.copiesOfFrame;
  cut(grid, 'a@1', 'd@1', 'e@1');
  cut(grid, 'b@1', 'd@1', 'e@1', 'f@1', 'g@1');
  const first = await joinedBy(grid, make, ['d@1', 'e@1'], federated(1));
  await clock.advance(500);
  grid.leave('a@1');
  await clock.advance(500);
  const second = await joinedBy(grid, make, ['f@1', 'g@1'], federated(1));
  await clock.advance(500);
  // The second are told everything now. But nobody hears what they restore of it before the third have joined.
  grid.copiesOfFrame = whole;
  cut(grid, 'f@1', 'b@1', 'c@1', 'd@1', 'e@1');
  cut(grid, 'g@1', 'b@1', 'c@1', 'd@1', 'e@1');
  await clock.advance(1500);
  expect(second.map(({ stats }) => stats.held)).toContain(1);
  const third = await joinedBy(grid, make, ['h@1', 'i@1', 'j@1', 'k@1', 'l@1', 'm@1'], federated(1));
  await clock.advance(500);
  grid.copiesOfFrame = whole;
  await clock.advance(5000);
  expectCopies([at(1), at(2), ...first, ...second, ...third], 1);
  expect((await now(at(1).deleteAll([key]))).size).toBe(1);
  grid.leave('m@1');
  await clock.advance(3000);
  expect(await now(at(1).get(key))).toBeUndefined();
});

// Each is restored by d, and then by one whom c does not tell of its copy before that.
it.each(['k-3', 'k-6', 'k-24'])('drops the copies of %s that it is told of when it has restored', async (key) => {
  const { grid, clock, at, now, make } = await gridOfStorages(3, federated(1));
  await now(at(0).set(key, 1));
  // The writer does not hear that its copies have come to those who join, and drops none.
  cut(grid, 'c@1', 'a@1');
  const joined = await joinedBy(grid, make, ['d@1', 'e@1', 'f@1', 'g@1'], federated(1));
  const [d = expect.fail()] = joined;
  await clock.advance(500);
  // In the first frames d tells c what everybody is told; but not in what it has restored, of which c has a copy.
  const whole = grid.copiesOfFrame;
  let frames = 0;
  grid.copiesOfFrame = (from, to) => (from === 'd@1' && to === 'c@1' && ++frames > 4 ? 0 : whole(from, to));
  grid.leave('a@1');
  await clock.advance(500);
  expect(d.stats.held).toBe(1);
  // Nor do the others hear from c before they have restored what d held.
  cut(grid, 'c@1', 'b@1', 'e@1', 'f@1', 'g@1');
  grid.leave('d@1');
  await clock.advance(1500);
  grid.copiesOfFrame = whole;
  await clock.advance(3000);
  expectCopies([at(1), at(2), ...joined.slice(1)], 1);
  expect((await now(at(1).deleteAll([key]))).size).toBe(1);
  grid.leave('g@1');
  await clock.advance(3000);
  expect(await now(at(1).get(key))).toBeUndefined();
});

it('keeps what it is told of one that restored a key, and left while its home was not told everything', async () => {
  const { grid, clock, at, now } = await gridOfStorages(5, separated(2));
  const key = keys.find((each) => rankingOf(each, 5)[4] === 'e@1') ?? expect.fail();
  const [restorer = '', home = '', backup = '', witness = ''] = rankingOf(key, 5);
  const of = (id: string) => at(ids.indexOf(id));
  await now(at(4).set(key, 1));
  const whole = grid.copiesOfFrame;
  // The next home drops copies from before as it is asked to, and is not told everything before the one that restored it has left.
  cut(grid, witness, home);
  grid.leave('e@1');
  await clock.advance(1000);
  expect(of(restorer).settled).toBe(true);
  expect(of(restorer).localSize).toBe(1);
  cut(grid, restorer, backup);
  of(restorer)
    .delete(key)
    .catch(() => undefined);
  await clock.advance(500);
  expect([home, backup].map((id) => of(id).stats.backups)).toEqual([0, 1]);
  grid.leave(restorer);
  await clock.advance(1000);
  grid.copiesOfFrame = whole;
  await clock.advance(3000);
  expectCopies([home, backup, witness].map(of), 2);
  expect(await now(of(backup).delete(key))).toBe(true);
  grid.leave(home);
  await clock.advance(3000);
  expect(await now(of(backup).get(key))).toBeUndefined();
});

it('takes for old what it is told late of one whose key another one restored, and deleted since', async () => {
  const { grid, clock, at, now, make } = await gridOfStorages(5, separated(2));
  const left = ['a@1/0', 'b@1/1', 'c@1/2', 'd@1/3', 'f@1/7'];
  const isSought = (each: string): boolean =>
    rankingOf(each, 5)[4] === 'e@1' && rankingOfParticipants(each, left)[0] === 'f@1';
  const key = keys.find(isSought) ?? expect.fail();
  const [restorer = '', backup = ''] = rankingOf(key, 5);
  const of = (id: string) => at(ids.indexOf(id));
  await now(at(4).set(key, 1));
  const whole = grid.copiesOfFrame;
  cut(grid, restorer, backup);
  grid.leave('e@1');
  await clock.advance(500);
  expect(of(restorer).localSize).toBe(1);
  // The next home is told of the copy from before; but that is on its way when the key is deleted.
  const [f = expect.fail()] = await joinedBy(grid, make, ['f@1'], separated(2));
  grid.copiesOfFrame = whole;
  cut(grid, backup, 'f@1');
  await clock.advance(3000);
  expect(f.participants.memberIds).toContain('f');
  expect(f.settled).toBe(false);
  expect(await now(of(restorer).delete(key))).toBe(true);
  grid.copiesOfFrame = whole;
  await clock.advance(5000);
  expect(await now(of(backup).get(key))).toBeUndefined();
  expectCopies([at(0), at(1), at(2), at(3), f], 2);
});

it('has copies dropped that came by views over which a snapshot brought it', async () => {
  const { grid, clock, all, at, now, make } = await gridOfStorages(4, separated(2));
  // B restores what d held, and keeps nothing at e then. I is the next home.
  const then = ['a@1/0', 'b@1/1', 'c@1/2', 'e@1/5', 'f@1/7', 'g@1/9', 'h@1/11'];
  const isSought = (each: string): boolean => {
    const [home, ...keepers] = rankingOfParticipants(each, then);
    const [next] = rankingOfParticipants(each, [...then, 'i@1/14']);
    const areOthers = String(keepers.slice(0, 3).sort()) === 'f@1,g@1,h@1' && keepers[3] === 'e@1';
    return homeOf(each, 4) === 'b@1' && home === 'b@1' && areOthers && next === 'i@1';
  };
  const key = Array.from({ length: 5000 }, (_, n) => `k-${n}`).find(isSought) ?? expect.fail();
  const join = async (id: string): Promise<void> => {
    all.push(...(await joinedBy(grid, make, [id], separated(2))));
    await clock.advance(500);
  };
  await now(at(3).set(key, 1));
  grid.member('b@1').paused = true;
  await join('e@1');
  const whole = grid.copiesOfFrame;
  // E has a copy, which is not taken away when others come that are to have it; and b is not told of that.
  cut(grid, 'd@1', 'e@1');
  cut(grid, 'e@1', 'b@1');
  for (const id of ['f@1', 'g@1', 'h@1']) await join(id);
  expect(at(4).stats.backups).toBe(1);
  grid.leave('d@1');
  await grid.sendSnapshot('b@1');
  grid.member('b@1').paused = false;
  await clock.advance(500);
  expect(at(1).localSize).toBe(1);
  const deleted = at(1).delete(key);
  await clock.advance(1000);
  await join('i@1');
  grid.copiesOfFrame = whole;
  expect(await now(deleted)).toBe(true);
  await clock.advance(5000);
  expect(await now(at(2).get(key))).toBeUndefined();
  expectCopies(
    all.filter((_, n) => n !== 3),
    2,
  );
});

describe('what a newcomer restored from copies that others told it of, before those are gone', () => {
  /** E holds a key that a held, of which c and d have copies from before. H will be its home. */
  async function restoredByNewcomer() {
    const storages = await gridOfStorages(4, separated(1));
    const { grid, clock, at, now, make } = storages;
    const then = ['c@1/2', 'd@1/3', 'f@1/9', 'g@1/10', 'e@1/11'];
    // At home with b, then with e, and then with h. Who keeps copies from before, c and d, keeps none of what e holds.
    const isSought = (each: string): boolean => {
      const [home, ...keepers] = rankingOfParticipants(each, then).slice(0, 3);
      const [next] = rankingOfParticipants(each, [...then, 'h@1/13']);
      return homeOf(each, 4) === 'b@1' && home === 'e@1' && String(keepers.sort()) === 'f@1,g@1' && next === 'h@1';
    };
    const key = Array.from({ length: 5000 }, (_, n) => `k-${n}`).find(isSought) ?? expect.fail();
    await now(at(0).set(key, 1));
    const whole = grid.copiesOfFrame;
    // Who is left is not told everything, and so restores nothing.
    cut(grid, 'c@1', 'd@1');
    cut(grid, 'd@1', 'c@1');
    grid.leave('b@1');
    await clock.advance(1000);
    grid.leave('a@1');
    await clock.advance(1000);
    const joined = await joinedBy(grid, make, ['f@1', 'g@1', 'e@1'], separated(1));
    const [f = expect.fail(), g = expect.fail(), e = expect.fail()] = joined;
    // Once it has restored it, nobody hears of that.
    grid.copiesOfFrame = (from, to) => (from === 'e@1' && e.stats.held > 0 ? 0 : whole(from, to));
    await clock.advance(1000);
    expect(e.stats.held).toBe(1);
    expect(e.settled).toBe(false);
    return { ...storages, key, whole, c: at(2), d: at(3), e, f, g };
  }

  it('leaves none of them where another one joins, whom others tell of them from then on', async () => {
    const { grid, clock, now, make, key, whole, c, d, e, f, g } = await restoredByNewcomer();
    const [h = expect.fail()] = await joinedBy(grid, make, ['h@1'], separated(1));
    grid.copiesOfFrame = whole;
    await clock.advance(5000);
    expectCopies([c, d, e, f, g, h], 1);
    expect(await now(c.delete(key))).toBe(true);
    grid.leave('g@1');
    await clock.advance(5000);
    expect(await now(e.get(key))).toBeUndefined();
  });

  it('leaves none of them where it leaves in the midst of that, and another one restores it from its new copy', async () => {
    const { grid, clock, now, make, key, whole, c, d, e, f, g } = await restoredByNewcomer();
    const [h = expect.fail()] = await joinedBy(grid, make, ['h@1'], separated(1));
    // The first frames tell those who have copies what everybody is told; but not to drop them.
    const sent = new Map<string, number>();
    grid.copiesOfFrame = (from, to) => {
      if (from !== 'e@1' || (to !== 'c@1' && to !== 'd@1')) return whole(from, to);
      const count = (sent.get(to) ?? 0) + 1;
      sent.set(to, count);
      return count > 4 ? 0 : whole(from, to);
    };
    await clock.advance(3000);
    expect(e.settled).toBe(false);
    expect(h.settled).toBe(true);
    // Nor does the next one hear of them.
    cut(grid, 'c@1', 'h@1');
    cut(grid, 'd@1', 'h@1');
    grid.leave('e@1');
    await clock.advance(100);
    expect(h.stats.held).toBe(1);
    const deleted = h.delete(key);
    await clock.advance(2000);
    grid.copiesOfFrame = whole;
    expect(await now(deleted)).toBe(true);
    await clock.advance(5000);
    expect(await now(h.get(key))).toBeUndefined();
    expectCopies([c, d, f, g, h], 1);
  });
});
