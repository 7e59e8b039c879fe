import { Collections, type HamokMap, SingleMemberEngine } from '../src/index.js';

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
