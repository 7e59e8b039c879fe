import {
  Collections,
  createRichCodec,
  type HamokRemoteMap,
  memoryStorage,
  type RemoteMap,
  type RemoteStorage,
  SingleMemberEngine,
  type Storage,
  type TransactionalStorage,
} from '../../src/index.js';

const collections = new Collections(new SingleMemberEngine());
const storage: Storage<string, { age: number }> = memoryStorage({ id: 's' });
const map = collections.createRemoteMap({ mapId: 'm', remoteMap: storage });

export const inferred: HamokRemoteMap<string, { age: number }> = map;
export const value: Promise<{ age: number } | undefined> = map.get('a');
export const previous: Promise<{ age: number } | undefined> = map.set('a', { age: 1 }, { timeoutInMs: 1 });
export const all: Promise<ReadonlyMap<string, { age: number }>> = map.setAll([['a', { age: 1 }]], { atomic: false });
export const keys: Promise<IterableIterator<string>> = map.keys();
export const done: Promise<boolean> = map.removeIf('a', { age: 1 });
export const index: number = map.export().appliedCommitIndex;
export const again: HamokRemoteMap<string, { age: number }> = collections.getOrCreateRemoteMap(
  { mapId: 'm', remoteMap: storage, valueCodec: createRichCodec(), emitEvents: false },
  (existed: boolean) => existed,
);
export const ready: Promise<HamokRemoteMap<string, { age: number }>> = map.ready;
export async function walk(): Promise<number> {
  let sum = 0;
  for await (const [key, { age }] of map) sum += key.length + age;
  return sum;
}

declare const legacy: RemoteMap<number, Date>;
declare const once: TransactionalStorage<number, Date>;
declare const least: RemoteStorage<number, Date>;
export const dates: HamokRemoteMap<number, Date>[] = [
  collections.createRemoteMap({ mapId: 'legacy', remoteMap: legacy }),
  collections.createRemoteMap({ mapId: 'once', remoteMap: once }),
  collections.createRemoteMap({ mapId: 'least', remoteMap: least }),
];

map.on('update', (key: string, before: { age: number }, after: { age: number }) => [key, before, after]);
map.on('clear', () => undefined);

// @ts-expect-error: nothing in a database ends by log time
map.on('expire', () => undefined);
// @ts-expect-error: nor has it revisions
map.compareAndSet('a', { age: 1 }, 1).catch(() => undefined);
// @ts-expect-error: a value has an age
map.set('a', { name: 'x' }).catch(() => undefined);
// @ts-expect-error: the key is a string
map.get(1).catch(() => undefined);
// @ts-expect-error: there is no time to live
map.set('a', { age: 1 }, { ttlInMs: 5 }).catch(() => undefined);
// @ts-expect-error: what is expected must be given
map.updateIf('a', { age: 1 }).catch(() => undefined);
// @ts-expect-error: a remote map has a storage
collections.createRemoteMap<string, number>({ mapId: 'm' });
// @ts-expect-error: the storage keeps other values
collections.createRemoteMap<string, number>({ mapId: 'm', remoteMap: storage });
// @ts-expect-error: reads are promises
export const local: { age: number } | undefined = map.get('a');
