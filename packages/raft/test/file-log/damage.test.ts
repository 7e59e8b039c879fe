import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readInteger } from '../../src/file-log/format.js';
import { FileLog } from '../../src/file-log/index.js';
import { type Entry, LogDamagedError, LogVersionError, type MemberId, type StoredLog } from '../../src/index.js';
import { wrapPayload } from '../../src/wire/entries.js';
import { FaultyFileSystem } from './faulty-file-system.js';
import { carryOut, Expected, isCall, lifeOf, textOf } from './history.js';
import { seeded } from './seeded.js';

interface Written {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly states: readonly string[];
  /** Of the states: the last that was acknowledged at the level `always`. Only compactions, which promise nothing, come after it. */
  readonly acknowledged: number;
}

/** The file that says how far the last segment is on the disk. A power cut may leave an old one, or none. */
const markName = 'synced';

const options = { durability: 'always', segmentBytes: 4096 } as const;
/** Logs with several segments: of processes that died, and of one that stopped in order. */
let written: Written[];

beforeAll(async () => {
  written = await Promise.all([1, 2, 3, 4].map((seed) => write(seed, seed === 1)));
});

async function write(seed: number, inOrder: boolean): Promise<Written> {
  const random = seeded(seed);
  const disk = new FaultyFileSystem(random);
  const log = new FileLog('/log', { ...options, fileSystem: disk });
  const expected = new Expected();
  let acknowledged = 0;
  await log.open();
  for (const step of lifeOf(random, 60, { incarnations: false })) {
    if (!isCall(step)) continue;
    const state = await expected.add(step);
    await carryOut(log, step);
    if (step.type !== 'compact') acknowledged = state;
  }
  if (inOrder) await log.close();
  const files = new Map(disk.names.map((name) => [name, disk.contentOf(name)]));
  return { files, states: expected.states, acknowledged };
}

/** Several segments, that differ from those of another member in nothing but whose they are, and for whom it voted. */
async function writeAlike(member: MemberId): Promise<FaultyFileSystem> {
  const disk = new FaultyFileSystem(seeded(0));
  const log = new FileLog('/log', { ...options, fileSystem: disk });
  await log.open();
  const [base, voters] = [{ index: -1, term: 0, time: 0 }, ['a@1', 'b@1']];
  const hardState = { term: 1, vote: member };
  const owner = { member, gridId: 'g', founders: voters };
  await log.begin({ owner, base, hardState, configuration: { voters, learners: [] }, entries: [] });
  for (let index = 0; index < 30; index++) {
    const entry: Entry = { index, term: 1, time: 0, kind: 'command', data: wrapPayload(new Uint8Array(500)) };
    await log.append({ hardState: undefined, entries: [entry] });
  }
  return disk;
}

/** What a log makes of changed files: what it holds, or how it refuses them. */
async function read(files: Iterable<readonly [string, Uint8Array]>): Promise<StoredLog | Error | undefined> {
  const disk = new FaultyFileSystem(seeded(0));
  for (const [name, bytes] of files) disk.setContent(name, bytes);
  return await new FileLog('/log', { ...options, fileSystem: disk }).open().catch((error: Error) => error);
}

/** Refused with its place, or all that was acknowledged, or, where there is no mark, a state that there was. */
function isHonest(outcome: StoredLog | Error | undefined, { states, files, acknowledged }: Written): boolean {
  if (outcome instanceof LogVersionError) return true;
  if (!(outcome instanceof Error))
    return states.lastIndexOf(textOf(outcome)) >= (files.has(markName) ? acknowledged : 0);
  if (!(outcome instanceof LogDamagedError)) throw outcome;
  const { file, offset } = outcome;
  return file.startsWith('/log/') && offset >= 0 && offset <= Math.max(...[...files.values()].map((b) => b.byteLength));
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A segment. */
function fileAt(log: Written, at: number): readonly [string, Uint8Array] {
  const names = segmentsOf(log);
  const name = names[Math.floor(at * names.length)] as string;
  return [name, log.files.get(name) as Uint8Array];
}

function segmentsOf({ files }: Written): string[] {
  return [...files.keys()].filter((name) => name.endsWith('.log'));
}

describe.each([
  ['all that was acknowledged', true],
  ['what was there at some time, where nothing says how much was acknowledged', false],
])('files that were changed are refused with the place, or give %s', (_, isMarked) => {
  const anyLog = fc.nat(3).map((i): Written => {
    const log = written[i] as Written;
    if (isMarked) return log;
    return { ...log, files: new Map([...log.files].filter(([name]) => name !== markName)) };
  });

  it('a bit', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, place, fc.nat(7), async (log, which, where, bit) => {
        const [name, bytes] = fileAt(log, which);
        const changed = bytes.slice();
        const at = Math.floor(where * bytes.byteLength);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const outcome = await read([...log.files, [name, changed]]);
        expect(isHonest(outcome, log)).toBe(true);
        // Only the last write can look as if a crash had cut it off.
        if (!(outcome instanceof Error)) expect(name).toBe(segmentsOf(log).at(-1));
        else if (outcome instanceof LogDamagedError && outcome.file.endsWith(name))
          expect(outcome.offset).toBeLessThanOrEqual(at);
      }),
      { numRuns: 400 },
    );
  });

  it('an end', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, place, async (log, which, where) => {
        const [name, bytes] = fileAt(log, which);
        const outcome = await read([...log.files, [name, bytes.slice(0, Math.floor(where * bytes.byteLength))]]);
        expect(isHonest(outcome, log)).toBe(true);
        if (name !== segmentsOf(log).at(-1)) expect(outcome).toBeInstanceOf(LogDamagedError);
      }),
      { numRuns: 300 },
    );
  });

  it('two blocks that changed places', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, place, place, place, async (log, which, other, from, to) => {
        const [[name, bytes], [otherName, otherBytes]] = [fileAt(log, which), fileAt(log, other)];
        const [a, b] = [bytes.slice(), name === otherName ? undefined : otherBytes.slice()];
        const target = b ?? a;
        const [at, otherAt] = [Math.floor((from * a.length) / 512) * 512, Math.floor((to * target.length) / 512) * 512];
        const length = Math.min(512, a.length - at, target.length - otherAt);
        const block = a.slice(at, at + length);
        a.set(target.slice(otherAt, otherAt + length), at);
        target.set(block, otherAt);
        const changes: [string, Uint8Array][] = [[name, a]];
        if (b) changes.push([otherName, b]);
        expect(isHonest(await read([...log.files, ...changes]), log)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('two files that changed places, or one that is gone', async () => {
    for (const log of fc.sample(anyLog, 8)) {
      const names = segmentsOf(log);
      for (const name of names) {
        const without = await read([...log.files].filter(([other]) => other !== name));
        expect(isHonest(without, log)).toBe(true);
        if (isMarked || name !== names.at(-1)) expect(without).toBeInstanceOf(LogDamagedError);
        for (const other of names) {
          if (other === name) continue;
          const [bytes, otherBytes] = [log.files.get(name), log.files.get(other)] as Uint8Array[];
          const swapped = await read([...log.files, [name, otherBytes], [other, bytes]] as [string, Uint8Array][]);
          expect(swapped).toBeInstanceOf(LogDamagedError);
        }
      }
    }
  });

  it('bytes of anything', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, place, fc.uint8Array({ maxLength: 300 }), async (log, which, bytes) => {
        const [name] = fileAt(log, which);
        expect(isHonest(await read([...log.files, [name, bytes]]), log)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

it('refuses a segment of the log of another member, however alike the two are', async () => {
  const [own, other] = [await writeAlike('a@1'), await writeAlike('b@1')];
  const name = own.names[1] as string;
  expect(other.contentOf(name).byteLength).toBe(own.contentOf(name).byteLength);
  const files = own.names.map((each) => [each, (each === name ? other : own).contentOf(each)] as const);
  expect(await read(files)).toMatchObject({ code: 'log-damaged', file: `/log/${name}`, offset: 24 });
});

it('takes no bit in the middle for a torn end, whatever was written there', async () => {
  for (const log of written) {
    const [name, bytes] = fileAt(log, 0.999);
    for (let at = 0; at < bytes.byteLength * 0.8; at += 13) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const outcome = await read([...log.files, [name, changed]]);
      expect(outcome).toMatchObject({ code: 'log-damaged', file: `/log/${name}` });
    }
  }
});

it('is not held up by a mark that is not what was written: it says nothing then', async () => {
  const { files, states } = written[0] as Written;
  const mark = files.get(markName) as Uint8Array;
  const readWith = async (changed: Uint8Array) => textOf((await read([...files, [markName, changed]])) as StoredLog);
  for (let bit = 0; bit < mark.byteLength * 8; bit++) {
    const changed = mark.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(await readWith(changed)).toBe(states.at(-1));
  }
  for (let length = 0; length < mark.byteLength; length++)
    expect(await readWith(mark.slice(0, length))).toBe(states.at(-1));
});

it('misses what a mark tells of, wherever it was cut off, and names the place', async () => {
  for (const log of written) {
    const [name, bytes] = fileAt(log, 0.999);
    const length = readInteger(log.files.get(markName) as Uint8Array, 16);
    for (let at = 0; at < bytes.byteLength; at += 7) {
      const outcome = await read([...log.files, [name, bytes.slice(0, at)]]);
      if (at < length) expect(outcome).toMatchObject({ code: 'log-damaged', file: `/log/${name}` });
      else expect(isHonest(outcome, log)).toBe(true);
    }
  }
});

it('refuses a later version, and names both', async () => {
  const log = written[0] as Written;
  const [name, bytes] = fileAt(log, 0.999);
  const { crc32 } = await import('node:zlib');
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  view.setUint32(8, 2);
  view.setUint32(20, crc32(changed.subarray(0, 20)));
  const outcome = await read([...log.files, [name, changed]]);
  expect(outcome).toMatchObject({ code: 'log-version', version: 2 });
});
