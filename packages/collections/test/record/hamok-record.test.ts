import { MessageType, StorageKind } from '@hamok/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HamokRecord } from '../../src/index.js';
import { encodeCommand } from '../../src/replicated/command.js';
import { type Fate, settle } from '../../src/testing/index.js';
import { bytesOf, startGrid } from '../grid.js';

interface Fields {
  a: number;
  b: number;
  c: string | { inner: number };
}

async function startRecords(count: number, options: { initialObject?: Partial<Fields> } = {}) {
  const grid = await startGrid(count);
  const records = grid.members.map((member) => member.createRecord<Fields>({ recordId: 'r', ...options }));
  await Promise.all(records.map(({ ready }) => ready));
  const record = (position: number): HamokRecord<Fields> => {
    const found = records[position];
    if (found === undefined) throw new Error(`no record ${position}`);
    return found;
  };
  return { ...grid, records, record };
}

describe('a record', () => {
  it('gives frozen values, the same until they change, and copies of itself', async () => {
    const { record } = await startRecords(1);
    await record(0).set('c', { inner: 1 });
    const value = record(0).get('c');
    expect(Object.isFrozen(value)).toBe(true);
    expect(record(0).get('c')).toBe(value);
    const { instance } = record(0);
    instance.a = 5;
    expect(record(0).instance).toEqual({ c: { inner: 1 } });
    await record(0).set('c', { inner: 2 });
    expect(record(0).get('c')).toEqual({ inner: 2 });
  });

  it('inserts its initial fields through the log, where they are not set', async () => {
    const { record, grid } = await startRecords(2, { initialObject: { a: 1, b: 2 } });
    expect(grid.log.filter(({ command }) => command !== undefined)).toHaveLength(4);
    expect([record(0).instance, record(1).instance]).toEqual([
      { a: 1, b: 2 },
      { a: 1, b: 2 },
    ]);
  });

  it('encodes fields by their own codecs, to text', async () => {
    const { member } = await startGrid(2);
    interface Times {
      at: Date;
      name: string;
    }
    const dates = { encode: (at: Date) => at.toISOString(), decode: (text: string) => new Date(text) };
    const options = { recordId: 'r', payloadCodecs: new Map([['at' as const, dates]]) };
    const [first, second] = [member(0), member(1)].map((each) => each.createRecord<Times>(options));
    await first?.insertInstance({ at: new Date(0), name: 'x' });
    await settle();
    expect(second?.instance).toEqual({ at: new Date(0), name: 'x' });
    expect(await second?.updateIf('at', new Date(1), new Date(0))).toBe(true);
    expect(new TextDecoder().decode(first?.export().values[0])).toBe('1970-01-01T00:00:00.001Z');
  });

  it('writes and reads the JSON of 2.6', async () => {
    const { record } = await startRecords(1);
    const json =
      '{"recordId":"other","keys":[{"type":"Buffer","data":[97]},{"type":"Buffer","data":[99]}],"values":[{"type":"Buffer","data":[52,50]},{"type":"Buffer","data":[34,195,169,34]}]}';
    await record(0).set('b', 1);
    await record(0).import(JSON.parse(json), false);
    expect(record(0).instance).toEqual({ b: 1, a: 42, c: 'é' });
    await record(0).delete('b');
    expect(JSON.stringify(record(0).export())).toBe(json.replace('other', 'r'));
    await record(0).clear();
    await record(0).import({ recordId: 'r', keys: [Uint8Array.of(97)], values: [Uint8Array.of(55)] });
    expect(record(0).instance).toEqual({ a: 7 });
    const wrong = [{}, { keys: [], values: [1] }, { keys: [{ data: [256] }], values: [{ data: [1] }] }];
    for (const snapshot of wrong)
      await expect(record(0).import(snapshot as never)).rejects.toMatchObject({ code: 'bad-snapshot' });
  });

  it('takes what cannot be decoded as an error of that field, and of its events', async () => {
    const { record, errors } = await startRecords(2);
    const seen: unknown[] = [];
    record(1).on('insert', ({ key }) => seen.push(key));
    await record(0).import({
      recordId: 'r',
      keys: [Uint8Array.of(97), Uint8Array.of(98)],
      values: [Uint8Array.of(123), Uint8Array.of(49)],
    });
    await settle();
    expect(() => record(1).get('a')).toThrow(expect.objectContaining({ code: 'codec' }));
    expect(() => record(1).instance).toThrow(expect.objectContaining({ code: 'codec' }));
    expect([record(1).get('b'), seen, errors.map(({ code }) => code)]).toEqual([1, ['b'], ['codec']]);
    await expect(record(0).set('a', 1n as never)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: false });
    await expect(record(0).set('a', 5)).rejects.toMatchObject({ code: 'codec', mayHaveHappened: true });
    expect(record(0).get('a')).toBe(5);
  });

  it('reports listeners that throw, and goes on', async () => {
    const { record, errors } = await startRecords(1);
    record(0).on('insert', () => {
      throw new Error('thrown');
    });
    await record(0).insertInstance({ a: 1, b: 2 });
    expect(errors.map(({ code }) => code)).toEqual(['listener', 'listener']);
    expect(record(0).instance).toEqual({ a: 1, b: 2 });
  });

  it('has fields of any name', async () => {
    const { member } = await startGrid(1);
    const record = member(0).createRecord<Record<string, unknown>>({ recordId: 'r' });
    await record.set('__proto__', { polluted: true });
    expect(Object.keys(record.instance)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(record.instance)).toBe(Object.prototype);
    expect(await record.updateInstanceIf({ x: 1 }, Object.fromEntries([['__proto__', { polluted: true }]]))).toBe(true);
  });

  it('is a kind of its own, and closes', async () => {
    const { member, record } = await startRecords(2);
    expect(() => member(0).createMap({ mapId: 'r' })).toThrow(expect.objectContaining({ code: 'storage-exists' }));
    expect(() => member(0).getOrCreateMap({ mapId: 'r' })).toThrow(expect.objectContaining({ code: 'storage-kind' }));
    expect(() => member(0).getOrCreateEmitter({ emitterId: 'r' })).toThrow(
      expect.objectContaining({ code: 'storage-kind' }),
    );
    let closed = 0;
    record(0).on('close', () => closed++);
    record(0).close();
    record(0).close();
    await expect(record(0).updateInstanceIf({ a: 1 }, {})).rejects.toMatchObject({ code: 'closed' });
    expect([closed, record(0).closed]).toEqual([1, true]);
    expect(() => member(0).createMap({ mapId: 'r' })).toThrow(expect.objectContaining({ code: 'storage-kind' }));
  });

  it('refuses malformed conditions at the door, and as a no-op behind it', async () => {
    const { grid, record } = await startRecords(1);
    const target = { id: 'r', kind: StorageKind.RECORD };
    const type = MessageType.UPDATE_ENTRIES_IF_REQUEST;
    const key = [Uint8Array.of(97)];
    for (const wrong of [
      { keys: key },
      { keys: key, values: key, expectedEntries: 2 },
      { keys: key, values: key, expectedEntries: -1 },
    ]) {
      const command = encodeCommand(target, { type, ...wrong }, 'a', 1, 2, 0);
      await expect(grid.member('a@1').propose(command)).rejects.toMatchObject({ reason: 'bad-command' });
    }
    grid.checking = false;
    await grid.member('a@1').propose(encodeCommand(target, { type, keys: key }, 'a', 1, 2, 0));
    expect(record(0).instance).toEqual({});
  });
});

const field = fc.constantFrom('a' as const, 'b' as const);
const some = fc.record({ a: fc.nat(2), b: fc.nat(2) }, { requiredKeys: [] });
const operation = fc.oneof(
  fc.tuple(fc.constant('set' as const), field, fc.nat(2)),
  fc.tuple(fc.constant('delete' as const), field, fc.nat(2)),
  fc.tuple(fc.constant('insertInstance' as const), some, some),
  fc.tuple(fc.constant('updateInstanceIf' as const), some, some),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function call(record: HamokRecord<Fields>, operation: Operation): Promise<unknown> {
  if (operation[0] === 'set') return record.set(operation[1], operation[2]);
  if (operation[0] === 'delete') return record.delete(operation[1]);
  if (operation[0] === 'insertInstance') return record.insertInstance(operation[1]);
  return record.updateInstanceIf(operation[1], operation[2]);
}

function model(fields: Map<string, unknown>, operation: Operation): unknown {
  const [name, at, what] = operation;
  if (name === 'set') {
    const before = fields.get(at);
    fields.set(at, what);
    return before;
  }
  if (name === 'delete') return fields.delete(at);
  if (name === 'insertInstance') {
    const existing = Object.fromEntries(
      Object.keys(at).flatMap((key) => (fields.has(key) ? [[key, fields.get(key)]] : [])),
    );
    for (const [key, value] of Object.entries(at)) if (!fields.has(key)) fields.set(key, value);
    return Object.keys(existing).length === 0 ? undefined : existing;
  }
  if (Object.entries(what).some(([key, value]) => fields.get(key) !== value)) return false;
  for (const [key, value] of Object.entries(at)) fields.set(key, value);
  return true;
}

describe('the calls of one member', () => {
  const fates: Fate[] = ['commit', 'commit-unheard', 'commit-twice', 'refuse', 'lose', 'delay'];

  it('are made exactly once and in their order, whatever becomes of the proposals', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 30 }),
        fc.array(fc.constantFrom(...fates), { maxLength: 40 }),
        async (operations, path) => {
          const { grid, clock, member, members } = await startGrid(2);
          const record = member(1).createRecord<Fields>({ recordId: 'r', requestTimeoutInMs: 1e9 });
          const seen: unknown[] = [];
          record.on('insert', ({ key, value }) => seen.push([key, undefined, value]));
          record.on('update', ({ key, oldValue, newValue }) => seen.push([key, oldValue, newValue]));
          record.on('remove', ({ key, value }) => seen.push([key, value, undefined]));
          let step = 0;
          grid.fate = () => path[step++] ?? 'commit';
          const results = operations.map((each) => call(record, each));
          for (let round = 0; step < path.length + operations.length && round < 200; round++) {
            grid.release();
            await clock.advance(500);
          }
          grid.release();
          await clock.advance(30_000);
          const expected = new Map<string, unknown>();
          expect(await Promise.all(results)).toEqual(operations.map((each) => model(expected, each)));
          expect(Object.entries(record.instance)).toEqual([...expected]);
          const replayed = new Map<unknown, unknown>();
          for (const [key, before, after] of seen as unknown[][]) {
            expect(replayed.get(key)).toBe(before);
            if (after === undefined) replayed.delete(key);
            else replayed.set(key, after);
          }
          expect([...replayed]).toEqual([...expected]);
          const [a, b] = await Promise.all(members.map(({ machine }) => bytesOf(machine.snapshot())));
          expect(a).toEqual(b);
        },
      ),
      { numRuns: 150 },
    ));
});
