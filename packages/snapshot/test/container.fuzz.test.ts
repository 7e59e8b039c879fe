import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSnapshot, type SnapshotHeader, type SnapshotPart, writeSnapshot } from '../src/index.js';
import { same, stateOf } from './stores.js';

const header: SnapshotHeader = { gridId: 'g', index: 41, term: 3, time: 5000, voters: ['a@1'], learners: [] };

interface Written {
  readonly bytes: Buffer;
  readonly parts: readonly SnapshotPart[];
}

async function written(compression: 'none' | 'deflate', seed: number): Promise<Written> {
  const pieces: Uint8Array[] = [];
  const data = [stateOf(5000, seed), stateOf(300, seed + 1)];
  const sections = [
    { name: 'map', data },
    { name: 'queue', data: [] },
    { name: 'log', data },
  ];
  for await (const piece of writeSnapshot(header, sections, { compression })) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const { parts, error } = await read(bytes);
  expect(error).toBeUndefined();
  return { bytes, parts };
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function read(bytes: Uint8Array): Promise<{ parts: SnapshotPart[]; error?: unknown }> {
  const parts: SnapshotPart[] = [];
  try {
    for await (const part of readSnapshot(inPieces(bytes))) parts.push(part);
    return { parts };
  } catch (error) {
    return { parts, error };
  }
}

/** Nothing but an error of this package, and before it nothing that was not written there. */
async function expectRefusal(changed: Uint8Array, { parts: whole }: Written): Promise<void> {
  const { parts, error } = await read(changed);
  expect(error).toMatchObject({ code: expect.stringMatching(/^snapshot-(damaged|newer)$/) });
  expect(parts.at(-1)?.type).not.toBe('end');
  parts.forEach((part, i) => {
    const before = whole[i];
    if (part.type !== 'chunk' || before?.type !== 'chunk') expect(part).toEqual(before);
    else expect(same(part.data, before.data)).toBe(true);
  });
}

describe.each(['none', 'deflate'] as const)('a container that something happened to (compression: %s)', (mode) => {
  let first: Written;
  let second: Written;
  beforeAll(async () => {
    first = await written(mode, 1);
    second = await written(mode, 2);
  });
  const place = fc.nat({ max: 1_000_000 });
  const within = (n: number, bytes: Uint8Array): number => n % bytes.byteLength;

  it('is refused when it was cut off', () =>
    fc.assert(fc.asyncProperty(place, (n) => expectRefusal(first.bytes.subarray(0, within(n, first.bytes)), first))));

  it('is refused when bits were flipped', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, fc.nat({ max: 7 })), { minLength: 1, maxLength: 4 }), async (flips) => {
        const changed = Buffer.from(first.bytes);
        for (const [n, bit] of flips) {
          const at = within(n, changed);
          changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        }
        if (!changed.equals(first.bytes)) await expectRefusal(changed, first);
      }),
      { numRuns: 300 },
    ));

  it('is refused when parts of it were exchanged, repeated, or left out', () =>
    fc.assert(
      fc.asyncProperty(place, place, fc.integer({ min: 1, max: 400 }), fc.integer(), async (m, n, length, how) => {
        const { bytes } = first;
        const [a, b] = [within(m, bytes), within(n, bytes)].sort((x, y) => x - y) as [number, number];
        const [one, other] = [bytes.subarray(a, a + length), bytes.subarray(b, b + length)];
        const changed = [
          Buffer.concat([bytes.subarray(0, a), other, bytes.subarray(a + length, b), one, bytes.subarray(b + length)]),
          Buffer.concat([bytes.subarray(0, b), one, bytes.subarray(b)]),
          Buffer.concat([bytes.subarray(0, a), bytes.subarray(a + length)]),
        ][Math.abs(how) % 3];
        if (changed && !changed.equals(bytes)) await expectRefusal(changed, first);
      }),
      { numRuns: 300 },
    ));

  it('is refused when it goes on as another one', () =>
    fc.assert(
      fc.asyncProperty(place, place, async (m, n) => {
        const [at, from] = [within(m, first.bytes), within(n, second.bytes)];
        const changed = Buffer.concat([first.bytes.subarray(0, at), second.bytes.subarray(from)]);
        if (!changed.equals(first.bytes) && !changed.equals(second.bytes)) await expectRefusal(changed, first);
      }),
    ));

  it('costs no more memory than it has bytes, whatever lengths it claims', async () => {
    // 16 MiB, the most that a record may claim, from four bytes on at every place where a length may stand.
    for (const position of [11, 200, 5000]) {
      const changed = Buffer.from(first.bytes);
      if (position >= changed.length - 4) continue;
      changed.writeUInt32BE(16 * 1024 * 1024, position);
      const before = process.memoryUsage().arrayBuffers;
      await expectRefusal(changed, first);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    }
  });
});
