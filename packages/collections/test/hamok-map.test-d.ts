import { Collections, type HamokMap, type HamokMapChange, SingleMemberEngine } from '../src/index.js';

const collections = new Collections(new SingleMemberEngine());
const map = collections.createMap<string, number>({ mapId: 'm' });
const inferred = collections.createMap({ mapId: 'n', baseMap: new Map([['a', { b: 1 }]]) });

export const value: number | undefined = map.get('a');
export const previous: Promise<number | undefined> = map.set('a', 1, { timeoutInMs: 1 });
export const inner: number | undefined = inferred.get('a')?.b;
export const ready: Promise<HamokMap<string, number>> = map.ready;

map.on('update', (key: string, before: number, after: number) => [key, before, after]);
map.on('close', () => undefined);
// @ts-expect-error: there is no such event
map.on('updated', () => undefined);
// @ts-expect-error: the value is a number
map.on('insert', (key: string, wrong: string) => [key, wrong]);
// @ts-expect-error: the key is a string
map.get(1);
// @ts-expect-error: the value is a number
map.set('a', 'b').catch(() => undefined);
// @ts-expect-error: a map has an id
collections.createMap<string, number>({});
const texts = { encode: (text: string) => new TextEncoder().encode(text), decode: () => '' };
// @ts-expect-error: the codec is for strings
collections.createMap<string, number>({ mapId: 'm', valueCodec: texts });

export const won: Promise<boolean> = map.compareAndSet('a', 1, map.entry('a')?.revision, { ttlInMs: 5 });
export const touched: Promise<boolean> = map.touch('a', 1000);
export const current: Promise<number | undefined> = map.read('a', { consistency: 'linearizable', timeoutInMs: 1 });
export const ended: Promise<ReadonlyMap<string, number>> = map.setAll([['a', 1]], { ttlInMs: 5, atomic: false });
map.on('expire', (key: string, last: number) => [key, last]);
export async function follow(): Promise<void> {
  for await (const change of map.watch({ fromRevision: 1 })) told(change);
}
function told(change: HamokMapChange<string, number>): number | undefined {
  if (change.type === 'clear') return change.revision;
  if (change.type === 'update') return change.value - change.oldValue;
  // @ts-expect-error: what was inserted had no value before
  if (change.type === 'insert') return change.oldValue;
  // @ts-expect-error: what is gone has no value
  return change.value;
}
// @ts-expect-error: a revision must be given, if only as undefined
map.compareAndSet('a', 1).catch(() => undefined);
// @ts-expect-error: a time to live is a number
map.set('a', 1, { ttlInMs: '5' }).catch(() => undefined);
// @ts-expect-error: a single change is always atomic
map.set('a', 1, { atomic: false }).catch(() => undefined);
// @ts-expect-error: there is no such consistency
map.read('a', { consistency: 'eventual' }).catch(() => undefined);
// @ts-expect-error: removals have no time to live
map.removeAll(['a'], { ttlInMs: 5 }).catch(() => undefined);
