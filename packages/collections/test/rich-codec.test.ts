import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collections, createRichCodec, SingleMemberEngine } from '../src/index.js';

const codec = createRichCodec<unknown>();

const leaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_SAFE_INTEGER),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 }).map((units) => String.fromCharCode(...units)),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 40 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie('list'), tie('object'), tie('map'), tie('set')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  map: fc.array(fc.tuple(leaf, tie('value')), { maxLength: 4 }).map((entries) => new Map(distinct(entries))),
  set: fc
    .array(leaf, { maxLength: 4 })
    .map((items) => new Set(distinct(items.map((item) => [item, item])).map(([item]) => item))),
}));

/** Without keys that are different objects and equal values, which the codec refuses. */
function distinct<V>(entries: readonly (readonly [unknown, V])[]): [unknown, V][] {
  const seen = new Map(entries.map(([key, item]) => [hex(codec.encode(key)), [key, item] as [unknown, V]]));
  return [...seen.values()];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The same value, put together in another order. */
function reversed(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(reversed);
  if (given instanceof Map) return new Map([...given].reverse().map(([key, item]) => [key, reversed(item)]));
  if (given instanceof Set) return new Set([...given].reverse());
  if (typeof given !== 'object' || given === null || given instanceof Date || given instanceof Uint8Array) return given;
  return Object.fromEntries(
    Object.entries(given)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

describe('the rich codec', () => {
  it('gives back what it was given, in one form only', () =>
    fc.assert(
      fc.property(value, (given) => {
        const encoded = codec.encode(given);
        const decoded = codec.decode(encoded);
        expect(decoded).toStrictEqual(given);
        expect(hex(codec.encode(decoded))).toBe(hex(encoded));
        expect(hex(codec.encode(reversed(given)))).toBe(hex(encoded));
      }),
      { numRuns: 1000 },
    ));

  it('takes nothing else: what it decodes is what it would have encoded', () =>
    fc.assert(
      fc.property(
        value,
        fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.nat(3),
        (given, damages, cut) => {
          const bytes = codec.encode(given);
          for (const [at, byte] of damages) if (at < bytes.length) bytes[at] = byte;
          const damaged = bytes.subarray(0, bytes.length - cut);
          let decoded: unknown;
          try {
            decoded = codec.decode(damaged);
          } catch (error) {
            expect(error).toMatchObject({ code: 'codec' });
            return;
          }
          expect(hex(codec.encode(decoded))).toBe(hex(damaged));
        },
      ),
      { numRuns: 3000 },
    ));

  it('writes what the format says', () => {
    const encode = (given: unknown) => hex(codec.encode(given));
    expect(encode(undefined)).toBe('0100');
    expect(encode(300)).toBe('0104ac02');
    expect(encode(-1)).toBe('010500');
    expect(encode(0.5)).toBe('01063fe0000000000000');
    expect(encode('é')).toBe('010702c3a9');
    expect(encode('\ud800')).toBe('010802d800');
    expect(encode(0n)).toBe('010900');
    expect(encode(-256n)).toBe('010a020100');
    expect(encode(new Date(1))).toBe('010b3ff0000000000000');
    expect(encode(Uint8Array.of(7))).toBe('010c0107');
    expect(encode([null, true])).toBe('010d020103');
    expect(encode({ b: 1, a: 2 })).toBe('010e020701610402070162' + '0401');
    expect(encode(new Map([['k', 1]]))).toBe('010f0107016b0401');
    expect(encode(new Set([2, 1]))).toBe('01100204010402');
  });

  it('refuses what it cannot give back', () => {
    class Point {}
    const loop: unknown[] = [];
    loop.push(loop);
    const wrong = [
      () => 1,
      Symbol('s'),
      new Point(),
      /x/,
      new Error('e'),
      loop,
      new Float64Array(1),
      new Set([[1], [1]]),
    ];
    for (const given of wrong) expect(() => codec.encode(given)).toThrow(expect.objectContaining({ code: 'codec' }));
    const deep = Uint8Array.from([1, ...Array.from({ length: 100_000 }, () => [13, 1]).flat(), 0]);
    expect(() => codec.decode(deep)).toThrow(expect.objectContaining({ code: 'codec' }));
    const promising = Uint8Array.from([1, 13, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect(() => codec.decode(promising)).toThrow(expect.objectContaining({ code: 'codec' }));
  });

  it('takes a number in its shortest form only: a longer one would make two keys of one', () => {
    for (const encoded of [
      [1, 4, 0x80, 0],
      [1, 15, 2, 4, 0, 0, 4, 0x80, 0, 0],
      [1, 16, 1, 4, 0xff, 0],
      [1, 12, 0x81, 0, 7],
    ])
      expect(() => codec.decode(Uint8Array.from(encoded))).toThrow(expect.objectContaining({ code: 'codec' }));
  });

  it('serves any collection', async () => {
    const collections = new Collections(new SingleMemberEngine());
    await collections.start();
    const rich = createRichCodec<Map<string, bigint | Date>>();
    const map = collections.createMap<Date, Map<string, bigint | Date>>({
      mapId: 'm',
      keyCodec: createRichCodec<Date>(),
      valueCodec: rich,
    });
    const held = new Map<string, bigint | Date>([
      ['b', 1n],
      ['a', new Date(5)],
    ]);
    await map.set(new Date(0), held);
    expect(map.get(new Date(0))).toEqual(held);
    expect(await map.updateIf(new Date(0), new Map(), new Map([...held].reverse()))).toBe(true);
    const record = collections.createRecord<{ at: Date; bytes: Uint8Array }>({
      recordId: 'r',
      codec: createRichCodec(),
    });
    await record.insertInstance({ at: new Date(1), bytes: Uint8Array.of(1) });
    expect(record.instance).toEqual({ at: new Date(1), bytes: Uint8Array.of(1) });
    const emitter = collections.createEmitter<{ e: [bigint, undefined] }>({ emitterId: 'e', codec: createRichCodec() });
    const heard: unknown[] = [];
    await emitter.subscribe('e', (...args) => void heard.push(args));
    await emitter.publish('e', 2n, undefined);
    expect(heard).toEqual([[2n, undefined]]);
    collections.close();
  });
});
