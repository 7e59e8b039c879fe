import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflate, inflate } from '../src/compression.js';
import { ContainerWriter } from '../src/container-writer.js';
import { crc32c } from '../src/crc32c.js';
import { recordTypes } from '../src/format.js';
import {
  readSnapshot,
  readState,
  type SnapshotHeader,
  type SnapshotPart,
  verifySnapshot,
  writeSnapshot,
} from '../src/index.js';

const header: SnapshotHeader = {
  gridId: 'g',
  index: 41,
  term: 3,
  time: 5000,
  voters: ['a@1', 'b@2'],
  learners: ['ü@3'],
};
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: number[] = [];
  for await (const part of source) for (const byte of part) parts.push(byte);
  return Uint8Array.from(parts);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

async function partsOf(bytes: Uint8Array, pieceSize = 7, gridId?: string): Promise<SnapshotPart[]> {
  const parts: SnapshotPart[] = [];
  const options = gridId === undefined ? {} : { gridId };
  for await (const part of readSnapshot(inPieces(bytes, pieceSize), options)) parts.push(part);
  return parts;
}

const small = (): Promise<Uint8Array> =>
  collect(
    writeSnapshot(header, [
      { name: 'map', data: [text('one'), text('two')] },
      { name: 'queue', data: [] },
    ]),
  );

/** A whole container with these records, whatever they say. */
function containerOf(...records: [type: number, payload: Uint8Array][]): Uint8Array {
  const writer = new ContainerWriter('none');
  const bytes = [...writer.begin(header)];
  let { checksum } = writer;
  for (const [type, payload] of records) {
    const record = [type, 0, 0, 0, payload.byteLength, ...payload];
    checksum = crc32c(Uint8Array.from(record), checksum);
    bytes.push(...record, checksum >>> 24, (checksum >>> 16) & 0xff, (checksum >>> 8) & 0xff, checksum & 0xff);
  }
  return Uint8Array.from(bytes);
}

describe('a container', () => {
  it('checks with CRC-32C', () => {
    expect(crc32c(text('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(text('6789'), crc32c(text('12345')))).toBe(0xe3069283);
  });

  it('gives back what was written, in pieces of any size, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 4 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('none', 'deflate'),
        async (sections, pieceSize, compression) => {
          const named = sections.map((data, i) => ({ name: `section ${i}`, data }));
          const options = { compression: compression === 'deflate' ? 'deflate' : 'none' } as const;
          const parts = await partsOf(await collect(writeSnapshot(header, named, options)), pieceSize);
          expect(parts[0]).toEqual({ type: 'header', header, compression });
          expect(parts.at(-1)).toEqual({ type: 'end' });
          const read: { name: string; bytes: number[] }[] = [];
          for (const part of parts) {
            if (part.type === 'section') read.push({ name: part.name, bytes: [] });
            if (part.type === 'chunk') read.at(-1)?.bytes.push(...part.data);
          }
          expect(read).toEqual(named.map(({ name, data }) => ({ name, bytes: data.flatMap((bytes) => [...bytes]) })));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('cuts large data into chunks, and compresses it', async () => {
    const data = [new Uint8Array(1_000_000).fill(7)];
    const plain = await collect(writeSnapshot(header, [{ name: 'map', data }]));
    const deflated = await collect(writeSnapshot(header, [{ name: 'map', data }], { compression: 'deflate' }));
    expect(deflated.byteLength).toBeLessThan(plain.byteLength / 100);
    expect((await partsOf(plain, 65_536)).filter(({ type }) => type === 'chunk').length).toBe(4);
    expect((await verifySnapshot(inPieces(deflated, 1000))).sections).toEqual(new Map([['map', 1_000_000]]));
  });

  it('inflates no more than a writer puts into a chunk', async () => {
    const bomb = await deflate(new Uint8Array(5_000_000));
    await expect(inflate(bomb)).rejects.toThrow(RangeError);
    await expect(inflate(text('not deflated'))).rejects.toThrow();
  });

  it('does not verify with any byte changed', async () => {
    const whole = await small();
    for (let at = 0; at < whole.byteLength; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      await expect(partsOf(changed), `byte ${at}`).rejects.toMatchObject({ code: /^snapshot-/ });
    }
  });

  it('does not verify cut off anywhere, or with anything after its end', async () => {
    const whole = await small();
    for (let length = 0; length < whole.byteLength; length++) {
      await expect(partsOf(whole.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'snapshot-damaged',
      });
    }
    await expect(partsOf(Uint8Array.from([...whole, 0]))).rejects.toMatchObject({ code: 'snapshot-damaged' });
  });

  it('does not verify with a record left out, repeated or moved', async () => {
    const records: Uint8Array[] = [];
    for await (const record of writeSnapshot(header, [{ name: 'map', data: [text('one'), text('two')] }]))
      records.push(record);
    const orders = [
      [0, 1, 2, 3, 5],
      [0, 1, 2, 3, 3, 4, 5],
      [0, 1, 2, 4, 3, 5],
      [0, 1, 3, 4, 5],
    ];
    for (const order of orders) {
      const bytes = Uint8Array.from(order.flatMap((i) => [...(records[i] ?? [])]));
      await expect(partsOf(bytes), `${order}`).rejects.toMatchObject({ code: 'snapshot-damaged' });
    }
  });

  it('never ends by anything but its own errors, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, withPreamble) => {
        const bytes = withPreamble ? Uint8Array.from([...(await small()).subarray(0, 10), ...noise]) : noise;
        await expect(partsOf(bytes)).rejects.toMatchObject({ code: /^snapshot-/ });
      }),
    );
  });

  it('allocates nothing for a length that nobody wrote', async () => {
    const whole = await small();
    whole.set([0xff, 0xff, 0xff, 0xff], 11);
    await expect(partsOf(whole)).rejects.toMatchObject({ code: 'snapshot-damaged', position: 10 });
  });

  it('is refused when it is newer, or of another grid', async () => {
    const whole = await small();
    await expect(partsOf(whole, 7, 'another')).rejects.toMatchObject({ code: 'snapshot-foreign', gridId: 'g' });
    whole[9] = 2;
    await expect(partsOf(whole)).rejects.toMatchObject({ code: 'snapshot-newer', version: 2 });
  });

  it('is refused when its header names what is no member, or is out of bounds', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => `m${i}@1`);
    const wrong: Partial<SnapshotHeader>[] = [
      ...[
        '',
        'x',
        '@@',
        '@1',
        'a@',
        'a@-1',
        'a@01',
        'a@1.5',
        `a@${Number.MAX_SAFE_INTEGER}`,
        `${'i'.repeat(257)}@1`,
      ].map((member) => ({ voters: [member] })),
      { voters: ['a@1', 'a@1'] },
      { voters: ['a@1', 'a@2'] },
      { voters: ['a@1'], learners: ['a@1'] },
      { voters: many },
      { gridId: '' },
      ...[0, 1, 2.5, 5000, -1].map((mostVoters) => ({ mostVoters })),
      ...[-1, 0.5, 2 ** 52, Number.MAX_SAFE_INTEGER, 1e300].flatMap((n) => [{ index: n }, { term: n }, { time: n }]),
    ];
    for (const fields of wrong) {
      const bytes = await collect(writeSnapshot({ ...header, ...fields }, []));
      await expect(partsOf(bytes), JSON.stringify(fields).slice(0, 80)).rejects.toMatchObject({
        code: 'snapshot-damaged',
      });
    }
    const odd = {
      ...header,
      voters: [`${'@'.repeat(256)}@0`],
      learners: ['a\nb@1830000000000000'],
      index: 2 ** 52 - 1,
      mostVoters: 4096,
    };
    expect((await partsOf(await collect(writeSnapshot(odd, []))))[0]).toMatchObject({ header: odd });
  });

  it('has each section once', async () => {
    const twice = writeSnapshot(header, [
      { name: 'map', data: [] },
      { name: 'map', data: [] },
    ]);
    await expect(collect(twice)).rejects.toThrow(TypeError);
    const { section, end } = recordTypes;
    const ended: [number, Uint8Array] = [end, text('')];
    expect(await partsOf(containerOf([section, text('map')], ended))).toHaveLength(3);
    for (const records of [[section, section], [section, end], [recordTypes.chunk], [9]]) {
      const bytes = containerOf(...records.map((type): [number, Uint8Array] => [type, text('map')]), ended);
      await expect(partsOf(bytes), `${records}`).rejects.toMatchObject({ code: 'snapshot-damaged' });
    }
    const noText = containerOf([section, Uint8Array.of(0xff)], ended);
    await expect(partsOf(noText)).rejects.toMatchObject({ code: 'snapshot-damaged' });
  });

  it('gives the one state that there is, and refuses another', async () => {
    const { header: found, state } = await readState(inPieces(await small(), 7));
    expect(found).toEqual(header);
    await expect(collect(state)).rejects.toMatchObject({ code: 'snapshot-damaged' });
    const bytes = await collect(writeSnapshot(header, [{ name: 'state', data: [text('one'), text('two')] }]));
    expect(await collect((await readState(inPieces(bytes, 7))).state)).toEqual(text('onetwo'));
  });

  it('lets its source go when nobody reads on', async () => {
    const whole = await small();
    let isLeft = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(whole, 7);
      } finally {
        isLeft = true;
      }
    }
    for await (const { type } of readSnapshot(source())) if (type === 'section') break;
    expect(isLeft).toBe(true);
  });
});
