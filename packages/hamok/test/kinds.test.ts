import { TestDatabase } from '@hamok/collections/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Collection, Hamok } from '../src/index.js';
import { TestGrid } from './support/test-grid.js';
import { noUnhandledRejections } from './support/unhandled.js';

noUnhandledRejections();

let grid: TestGrid;

beforeEach(() => {
  grid = new TestGrid();
});

afterEach(() => grid.close());

interface Kind {
  readonly name: string;
  readonly create: (member: Hamok) => Collection;
  readonly getOrCreate: (member: Hamok, callback?: (existed: boolean) => void) => Collection;
  readonly change: (member: Hamok) => Promise<unknown>;
}

const id = 'shared';
const database = new TestDatabase<string, number>();
const storageOf = ({ localPeerId }: Hamok) => database.client(localPeerId);
const kinds: readonly Kind[] = [
  {
    name: 'map',
    create: (member) => member.createMap({ mapId: id }),
    getOrCreate: (member, callback) => member.getOrCreateMap({ mapId: id }, callback),
    change: (member) => member.getOrCreateMap({ mapId: id }).set('k', 1),
  },
  {
    name: 'record',
    create: (member) => member.createRecord({ recordId: id }),
    getOrCreate: (member, callback) => member.getOrCreateRecord({ recordId: id }, callback),
    change: (member) => member.getOrCreateRecord<{ k: number }>({ recordId: id }).set('k', 1),
  },
  {
    name: 'queue',
    create: (member) => member.createQueue({ queueId: id }),
    getOrCreate: (member, callback) => member.getOrCreateQueue({ queueId: id }, callback),
    change: (member) => member.getOrCreateQueue({ queueId: id }).push(1),
  },
  {
    name: 'emitter',
    create: (member) => member.createEmitter({ emitterId: id }),
    getOrCreate: (member, callback) => member.getOrCreateEmitter({ emitterId: id }, callback),
    change: (member) => member.getOrCreateEmitter({ emitterId: id }).subscribe('k', () => undefined),
  },
  {
    name: 'remote map',
    create: (member) => member.createRemoteMap({ mapId: id, remoteMap: storageOf(member) }),
    getOrCreate: (member, callback) =>
      member.getOrCreateRemoteMap({ mapId: id, remoteMap: storageOf(member) }, callback),
    change: (member) => member.getOrCreateRemoteMap({ mapId: id, remoteMap: storageOf(member) }).set('k', 1),
  },
];
const pairs = kinds.flatMap((one) => kinds.filter((two) => two !== one).map((two) => [one, two] as const));
const wrong = (asked: Kind, found: Kind) => ({
  code: 'storage-kind',
  storageId: id,
  asked: asked.name,
  found: found.name,
});

describe('collections of every kind', () => {
  it.each(kinds)('$name: shown once, and found in storages', async ({ create, getOrCreate }) => {
    const [member] = await grid.joined(['a']);
    if (member === undefined) throw new Error('no member');
    const created = create(member);
    const told: boolean[] = [];
    expect(getOrCreate(member, (existed) => told.push(existed))).toBe(created);
    expect(told).toEqual([true]);
    expect(() => create(member)).toThrow(expect.objectContaining({ code: 'storage-exists' }));
    expect([...member.storages]).toEqual([[id, created]]);
    created.close();
    expect(member.storages.size).toBe(0);
    expect(getOrCreate(member, (existed) => told.push(existed))).not.toBe(created);
    expect(told).toEqual([true]);
  });
});

describe('one id for two kinds', () => {
  it('is refused on every member, whichever came first', async () => {
    for (const [first, second] of pairs) {
      const members = await grid.joined(['a', 'b', 'c']);
      const [a, b, c] = members;
      if (a === undefined || b === undefined || c === undefined) throw new Error('no members');
      // Both at once, where neither member knows of the other: the log decides.
      const contenders = [
        { kind: first, collection: first.create(a) },
        { kind: second, collection: second.create(b) },
      ];
      const outcomes = await Promise.allSettled(contenders.map(({ collection }) => collection.ready));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [won, lost] = outcomes[0]?.status === 'fulfilled' ? [first, second] : [second, first];
      const [winner, loser] = won === first ? [a, b] : [b, a];
      expect(outcomes).toContainEqual({ status: 'rejected', reason: expect.objectContaining(wrong(lost, won)) });
      await expect(lost.change(loser)).rejects.toMatchObject(wrong(lost, won));
      await won.change(winner);
      await grid.settled();
      // Everywhere else it is known by now, also where nobody shows it.
      expect(() => lost.create(c)).toThrow(expect.objectContaining(wrong(lost, won)));
      expect(() => lost.getOrCreate(winner)).toThrow(expect.objectContaining(wrong(lost, won)));
      await won.change(c);
      for (const member of members) await grid.kill(member);
    }
  });
});
