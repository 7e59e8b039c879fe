import type { FederatedStorage, MemberId } from '@hamok/collections';
import { Violation } from '../invariants/invariant.js';
import type { SeededRandom } from '../random.js';
import { readingBegins, readingEnds } from '../report/readings.js';
import { fell } from './faults/crashes.js';
import { holdingsOf } from './holdings.js';
import type { SharedStorage, StoragesWorld, Taker } from './storages-world.js';

/** What is read of each key. */
export type Found = ReadonlyMap<string, readonly number[]>;

/** Every member answers the same, and what it answers is right. @param pass lets time pass, until then */
export async function readEverywhere(world: StoragesWorld, pass: (until: number) => Promise<void>): Promise<Found> {
  const { keys } = world;
  const begin = world.queue.now;
  world.note(() => readingBegins);
  const answers = world.running.map(async ({ storage, host }) => ({
    id: host.id,
    found: await storage.getAll(keys),
    size: await storage.size(),
    keys: await storage.keys(),
  }));
  const read = await allOf(answers, world, pass);
  for (const { id, found, size, keys: listed } of read) {
    for (const key of keys) {
      const values = found.get(key) ?? [];
      world.history.read(key, values, begin, `the last read on ${id}`);
      if (String(values) !== String(read[0]?.found.get(key) ?? []))
        throw new Violation('one value a key', `${id} reads ${key} as ${values}, ${read[0]?.id} does not`);
    }
    if (size !== found.size || listed.size !== size)
      throw new Violation('sizes', `${id} counts ${size}, lists ${listed.size} and finds ${found.size} entries`);
  }
  for (const taker of world.running) checkLocal(taker);
  const held = world.running.reduce((sum, { storage }) => sum + storage.stats.held, 0);
  const found = read[0]?.found ?? new Map<string, readonly number[]>();
  const values = [...found.values()].reduce((sum, { length }) => sum + length, 0);
  if (held !== values) throw new Violation('one holder a value', `${held} are held, of ${values} that are read`);
  world.note(() => readingEnds);
  return found;
}

/** The other ways to read say the same as what was found. */
export async function readOtherwise(
  world: StoragesWorld,
  found: Found,
  pass: (until: number) => Promise<void>,
): Promise<void> {
  const { keys } = world;
  world.note(() => readingBegins);
  const answers = world.running.map(async ({ storage, host: { id } }) => {
    const isEmpty = await storage.isEmpty();
    if (isEmpty !== (found.size === 0)) throw new Violation('sizes', `${id} is ${isEmpty ? '' : 'not '}empty`);
    const versions = isFederated(storage) ? await versionsOf(storage, keys) : found;
    if (textOf(versions) !== textOf(found))
      throw new Violation('one value a key', `${id} has the versions ${textOf(versions)} of ${textOf(found)}`);
  });
  await allOf(answers, world, pass);
  world.note(() => readingEnds);
}

async function allOf<T>(
  answers: Promise<T>[],
  { queue }: StoragesWorld,
  pass: (until: number) => Promise<void>,
): Promise<T[]> {
  const all = Promise.all(answers);
  let ended = false;
  all
    .finally(() => {
      ended = true;
    })
    .catch(() => undefined);
  while (!ended) await pass(queue.now + 50);
  return await all.catch((error: unknown) => {
    throw error instanceof Violation ? error : new Violation('liveness', `the last reads failed: ${error}`);
  });
}

function isFederated(storage: SharedStorage): storage is FederatedStorage<string, readonly number[]> {
  return 'versions' in storage;
}

/** The versions of each key that has some, one behind the other, as they are merged. */
async function versionsOf(
  storage: FederatedStorage<string, readonly number[]>,
  keys: readonly string[],
): Promise<Found> {
  const found = await Promise.all(keys.map(async (key) => [key, await storage.versions(key)] as const));
  return new Map(found.flatMap(([key, all]) => (all.length > 0 ? [[key, all.flatMap(([, value]) => value)]] : [])));
}

function textOf(found: Found): string {
  return JSON.stringify([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a member has as its own is the same however it is read. */
function checkLocal({ host: { id }, storage }: Taker): void {
  const [entries, keys] = [[...storage.localEntries()], [...storage.localKeys()]];
  const [all, each] = [entries, keys.map((key) => [key, storage.localGet(key)])].map((found) => JSON.stringify(found));
  if (all !== each || storage.localSize !== entries.length)
    throw new Violation('one value a key', `${id} has ${storage.localSize} as its own, ${all}, and one by one ${each}`);
}

/** Members go at once, as many as copies make up for, or more: up to all who have something of an entry. False where that is nobody, or everybody. */
export function thinOut(world: StoragesWorld, random: SeededRandom): boolean {
  const count = world.plan.backups + (random.pick([0, 0, 1, 2]) ?? 0);
  if (count === 0 || count >= world.running.length) return false;
  const gone = world.running.slice(0, count);
  for (const taker of gone) {
    world.goes();
    fell(world, taker);
  }
  for (const taker of gone) world.remove(taker);
  return true;
}

/** Nothing changed when members went, but for what is told. */
export function checkUnchanged(before: Found, after: Found, { told }: StoragesWorld): void {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [then = [], now = []] = [before.get(key), after.get(key)];
    const isLeft = now.every((value) => then.includes(value)) && (now.length === then.length || told.has(key));
    if (!isLeft)
      throw new Violation(
        'who goes takes nothing along',
        `${then} was read of ${key} before members went, and then ${now}`,
      );
  }
}

/** Every entry has as many copies as it should, and there are no others. */
export function checkCopies({ running, plan }: StoragesWorld): void {
  const stats = running.map(({ storage }) => storage.stats);
  const sum = (of: 'held' | 'backups' | 'witnesses') => stats.reduce((total, each) => total + each[of], 0);
  const backups = Math.min(plan.backups, running.length - 1);
  const witnesses = running.length - 1 > plan.backups ? 1 : 0;
  if (sum('backups') === backups * sum('held') && sum('witnesses') === witnesses * sum('held')) return;
  const isRight = (each: Places): boolean =>
    each.holders.length === 1 && each.backups.length === backups && each.witnesses.length === witnesses;
  const wrong = placesOf(running).filter((each) => !isRight(each));
  const due = `each is due on ${backups} as a backup, and on ${witnesses} as a witness`;
  throw new Violation('copies', `${wrong.map(inWords).join('; ')}; ${due}`);
}

interface Places {
  readonly entry: string;
  readonly holders: MemberId[];
  readonly backups: MemberId[];
  readonly witnesses: MemberId[];
}

/** Who has something of which entry. */
function placesOf(running: StoragesWorld['running']): Places[] {
  const places = new Map<string, Places>();
  const of = (entry: string): Places => {
    const found = places.get(entry) ?? { entry, holders: [], backups: [], witnesses: [] };
    places.set(entry, found);
    return found;
  };
  for (const { host, storage } of running) {
    const { held, copies } = holdingsOf(storage);
    for (const entry of held.keys()) of(entry).holders.push(host.id);
    for (const { entry, value } of copies) of(entry)[value === undefined ? 'witnesses' : 'backups'].push(host.id);
  }
  return [...places.values()];
}

function inWords({ entry, holders, backups, witnesses }: Places): string {
  const on = (ids: readonly MemberId[]): string => ids.join(' ') || 'nobody';
  return `${entry} is held by ${on(holders)}, with backups on ${on(backups)} and witnesses on ${on(witnesses)}`;
}
