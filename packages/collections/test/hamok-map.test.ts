import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collections, createJsonCodec, SingleMemberEngine } from '../src/index.js';
import { encodeCommand } from '../src/replicated/command.js';
import { settle } from '../src/testing/index.js';
import { startGrid } from './grid.js';

describe('a map', () => {
  it('behaves like a Map of the same content', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('set', 'delete', 'get', 'clear'), fc.jsonValue(), fc.jsonValue())),
        async (steps) => {
          const { member } = await startGrid(1);
          const map = member(0).createMap<fc.JsonValue, fc.JsonValue>({ mapId: 'm' });
          const model = new Map<string, fc.JsonValue>();
          const json = (value: fc.JsonValue): fc.JsonValue => JSON.parse(JSON.stringify(value));
          for (const [step, key, value] of steps) {
            const name = JSON.stringify(key);
            if (step === 'set') expect(await map.set(key, value)).toEqual(model.get(name));
            if (step === 'delete') expect(await map.delete(key)).toBe(model.has(name));
            if (step === 'clear') await map.clear();
            expect(map.get(key)).toEqual(step === 'set' ? json(value) : step === 'get' ? model.get(name) : undefined);
            if (step === 'set') model.set(name, json(value));
            if (step === 'delete') model.delete(name);
            if (step === 'clear') model.clear();
          }
          expect([...map]).toEqual([...model].map(([key, value]) => [JSON.parse(key), value]));
          expect(map.size).toBe(model.size);
        },
      ),
    ));

  it('reads the current value from its cache, whatever happened to the key meanwhile', async () => {
    const { member } = await startGrid(1);
    const map = member(0).createMap<string | number, number>({ mapId: 'm' });
    await map.set('a', 1);
    expect([map.get('a'), map.get('a')]).toEqual([1, 1]);
    await map.delete('a');
    expect([map.get('a'), map.has('a')]).toEqual([undefined, false]);
    await map.set('a', 2);
    expect(map.get('a')).toBe(2);
    await map.clear();
    expect(map.get('a')).toBe(undefined);
    await map.set(1, 3);
    expect([map.get(1), map.get('1')]).toEqual([3, undefined]);
    for (let i = 0; i < 500; i++) {
      await map.set(i, i);
      expect(map.get(i)).toBe(i);
      await map.delete(i);
    }
    expect([map.size, map.get(499)]).toEqual([0, undefined]);
  });

  it('refuses a value that its codec cannot encode, before anything is sent', async () => {
    const { grid, member } = await startGrid(1);
    const map = member(0).createMap<string, unknown>({ mapId: 'm' });
    await map.ready;
    const { length } = grid.log;
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [undefined, () => 1, Symbol('s'), 1n, loop])
      await expect(map.set('a', value)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    await expect(
      map.setAll([
        ['a', 1],
        ['b', undefined],
      ]),
    ).rejects.toMatchObject({ code: 'codec' });
    expect(grid.log.length).toBe(length);
    expect(() => member(0).createMap({ mapId: 'n', baseMap: [['a', undefined]] })).toThrow(
      expect.objectContaining({ code: 'codec' }),
    );
    expect(member(0).storages.has('n')).toBe(false);
  });

  it('gives what it cannot decode as an error of that read, and goes on', async () => {
    const { errors, member } = await startGrid(2);
    const raw = { encode: (value: Uint8Array) => value, decode: (encoded: Uint8Array) => encoded };
    const writer = member(0).createMap<string, Uint8Array>({ mapId: 'm', valueCodec: raw });
    const reader = member(1).createMap<string, unknown>({ mapId: 'm' });
    const seen: unknown[] = [];
    reader.on('insert', (key, value) => seen.push([key, value]));
    await reader.ready;
    await writer.set('bad', Uint8Array.of(0xff));
    await writer.set('good', Uint8Array.of(0x31));
    await settle();
    expect(() => reader.get('bad')).toThrow(expect.objectContaining({ code: 'codec' }));
    expect(reader.get('good')).toBe(1);
    expect(seen).toEqual([['good', 1]]);
    expect(errors).toMatchObject([{ code: 'codec' }]);
    await expect(reader.set('bad', 1)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: true });
    expect(reader.get('bad')).toBe(1);
    const snapshot = writer.export();
    expect(snapshot.encoding).toBe(undefined);
    await writer.set('binary', Uint8Array.of(0xff, 0));
    expect(writer.export().encoding).toBe('base64');
    const exported = writer.export();
    await writer.clear();
    await writer.import(exported);
    expect(writer.get('binary')).toEqual(Uint8Array.of(0xff, 0));
    await expect(writer.import({ mapId: 'm', keys: ['"a"'], values: [] })).rejects.toMatchObject({
      code: 'bad-snapshot',
    });
    await expect(writer.import({ mapId: 'm', keys: ['?'], values: ['?'], encoding: 'base64' })).rejects.toMatchObject({
      code: 'bad-snapshot',
    });
  });

  it('reports what a listener throws, and changes all the same', async () => {
    const { errors, member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    map.on('insert', () => {
      throw new Error('mine');
    });
    expect(await map.set('a', 1)).toBe(undefined);
    expect(map.get('a')).toBe(1);
    expect(errors).toMatchObject([{ code: 'listener', cause: { message: 'mine' } }]);
  });

  it('goes on when the handler of errors throws too, and when a listener asks for a barrier', async () => {
    const engine = new SingleMemberEngine();
    const onError = () => {
      throw new Error('again');
    };
    const collections = new Collections(engine, { onError });
    await collections.start();
    const map = collections.createMap<string, number>({ mapId: 'm' });
    const barriers: Promise<number>[] = [];
    map.on('insert', () => {
      barriers.push(engine.barrier());
      throw new Error('mine');
    });
    expect(await Promise.all([map.set('a', 1), map.set('a', 2)])).toEqual([undefined, 1]);
    expect(await Promise.all(barriers)).toEqual([2]);
    collections.close();
  });

  it('shows a batch to its listeners only when it is whole', async () => {
    const { member } = await startGrid(1);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    const sizes: number[] = [];
    map.on('insert', () => sizes.push(map.size));
    await map.setAll([
      ['a', 1],
      ['b', 2],
    ]);
    expect(sizes).toEqual([2, 2]);
  });

  it('cuts large initial content and imports into several changes', async () => {
    const { grid, member } = await startGrid(1, { maxCommandBytes: 2048 });
    const content = Array.from({ length: 100 }, (_, i) => [`key-${i}`, 'x'.repeat(40)] as const);
    const map = member(0).createMap<string, string>({ mapId: 'm', baseMap: content });
    await map.ready;
    expect([...map]).toEqual(content);
    expect(grid.log.length).toBeGreaterThan(3);
  });

  it('starts from a snapshot that other members made, with the facade attached', async () => {
    const { grid, member } = await startGrid(2);
    const map = member(0).createMap<string, number>({ mapId: 'm' });
    const behind = member(1).createMap<string, number>({ mapId: 'm' });
    await Promise.all([map.set('a', 1), behind.ready]);
    expect(behind.get('a')).toBe(1);
    grid.member('b@1').paused = true;
    await map.setAll([
      ['a', 2],
      ['b', 3],
    ]);
    await grid.sendSnapshot('b@1');
    expect([behind.get('a'), behind.get('b'), behind.size]).toEqual([2, 3, 2]);
    grid.member('b@1').paused = false;
    expect(await behind.set('a', 4)).toBe(2);
  });
});

describe('ids', () => {
  it('name one kind, on every member', async () => {
    const { grid, member } = await startGrid(2);
    const open = { type: MessageType.STORAGE_OPEN_REQUEST };
    await grid.member('a@1').propose(encodeCommand({ id: 'x', kind: StorageKind.RECORD }, open, 'a', 1, 1, 0));
    await grid.member('b@1').barrier();
    for (const position of [0, 1])
      expect(() => member(position).createMap({ mapId: 'x' })).toThrow(
        expect.objectContaining({ code: 'storage-kind', asked: 'map', found: 'record' }),
      );
  });

  it('are given to who was first in the log: the others have a typed error from every call', async () => {
    const { grid, member } = await startGrid(2);
    const open = { type: MessageType.STORAGE_OPEN_REQUEST };
    grid.member('b@1').paused = true;
    await grid.member('a@1').propose(encodeCommand({ id: 'x', kind: StorageKind.RECORD }, open, 'a', 1, 1, 0));
    const map = member(1).createMap<string, number>({ mapId: 'x' });
    const calls = [map.set('a', 1), map.deleteAll(['a']), map.clear(), map.ready];
    grid.member('b@1').paused = false;
    grid.member('b@1').deliver();
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'storage-kind', asked: 'map', found: 'record' },
      });
    expect([map.size, map.get('a'), [...map]]).toEqual([0, undefined, []]);
  });

  it('are shown once by a member', async () => {
    const { member } = await startGrid(1);
    member(0).createMap<string, number>({ mapId: 'x' });
    expect(() => member(0).createMap({ mapId: 'x' })).toThrow(expect.objectContaining({ code: 'storage-exists' }));
  });

  it('must be strings, and options what they say', async () => {
    const { member } = await startGrid(1);
    expect(() => member(0).createMap({ mapId: '' })).toThrow(
      expect.objectContaining({ code: 'option', field: 'mapId' }),
    );
    expect(() => member(0).createMap({ mapId: 'm', requestTimeoutInMs: -1 })).toThrow(
      expect.objectContaining({ field: 'requestTimeoutInMs' }),
    );
    const engine = new SingleMemberEngine();
    for (const options of [{ maxInFlight: 0 }, { maxCommandBytes: 1 }, { requestTimeoutInMs: Number.NaN }])
      expect(() => new Collections(engine, options)).toThrow(expect.objectContaining({ code: 'option' }));
  });
});

describe('the JSON codec', () => {
  it('gives back what JSON holds, as the bytes of its text', () => {
    const codec = createJsonCodec<unknown>();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const encoded = codec.encode(value);
        expect(encoded).toEqual(new TextEncoder().encode(JSON.stringify(value)));
        expect(codec.decode(encoded)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
