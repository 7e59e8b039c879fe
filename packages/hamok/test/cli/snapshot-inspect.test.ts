import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collections, SingleMemberEngine } from '@hamok/collections';
import { FileSnapshotStore } from '@hamok/snapshot/file';
import { afterAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { run } from '../../src/cli/run.js';

const directory = await mkdtemp(join(tmpdir(), 'inspect-'));
afterAll(() => rm(directory, { recursive: true }));

async function hamok(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const lines: Record<'out' | 'err', string[]> = { out: [], err: [] };
  const output = { out: (line: string) => lines.out.push(line), err: (line: string) => lines.err.push(line) };
  const code = await run(args, commands, output);
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

/** A file with a map of three entries and a queue of two items. */
async function writeFileOfStore(): Promise<string> {
  const collections = new Collections(new SingleMemberEngine());
  await collections.start();
  const map = collections.createMap<string, number>({ mapId: 'counters' });
  await map.setAll([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  await collections.createQueue<string>({ queueId: 'jobs' }).push('one', 'two');
  const store = new FileSnapshotStore({ directory });
  const writer = store.create({
    gridId: 'the-grid',
    position: { index: 41, term: 3, time: 5000 },
    configuration: { voters: ['a@1', 'b@2'], learners: ['c@3'], mostVoters: 5 },
  });
  for await (const chunk of collections.machine.snapshot()) await writer.append(chunk);
  await writer.complete();
  const [path = ''] = await store.paths();
  return path;
}

describe('hamok snapshot inspect', () => {
  it('says what a snapshot is of, and what is in it', async () => {
    const { code, out, err } = await hamok('snapshot', 'inspect', await writeFileOfStore());
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(/^format +version 1, compression none$/m);
    expect(out).toMatch(/^grid +the-grid$/m);
    expect(out).toMatch(/^index +41, of term 3, at 5000 ms of log time$/m);
    expect(out).toMatch(/^voters +a@1, b@2\n +5 at the most since the grid began$/m);
    expect(out).toMatch(/^learners +c@3$/m);
    expect(out).toMatch(/^section +state: \d+ bytes in 2 chunks$/m);
    expect(out).toMatch(/^map +counters: 3$/m);
    expect(out).toMatch(/^queue +jobs: 2$/m);
    expect(out).toMatch(/^whole +yes/m);
  });

  it('ends with 1, and says where, when the file is damaged', async () => {
    const path = await writeFileOfStore();
    const bytes = await readFile(path);
    const damaged = join(directory, 'damaged');
    const at = bytes.length - 40;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    const flipped = await hamok('snapshot', 'inspect', damaged);
    expect(flipped.code).toBe(1);
    expect(flipped.out).toMatch(/^grid +the-grid$/m);
    expect(flipped.out).toMatch(/^whole +NO, snapshot-damaged: damaged at byte \d+: /m);
    await writeFile(damaged, bytes.subarray(0, 150));
    expect(await hamok('snapshot', 'inspect', damaged)).toMatchObject({ code: 1, err: '' });
    await writeFile(damaged, '');
    expect(await hamok('snapshot', 'inspect', damaged)).toMatchObject({ code: 1, err: '' });
  });

  it('ends with 1 for a file of a later release, and one that is not there', async () => {
    const bytes = await readFile(await writeFileOfStore());
    bytes[9] = 200;
    const newer = join(directory, 'newer');
    await writeFile(newer, bytes);
    expect((await hamok('snapshot', 'inspect', newer)).out).toMatch(/NO, snapshot-newer/);
    expect(await hamok('snapshot', 'inspect', join(directory, 'none'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    });
  });

  it('ends with 1 for what is no snapshot', async () => {
    expect(await hamok('snapshot', 'inspect', directory)).toEqual({
      code: 1,
      out: '',
      err: `hamok: ${directory} is no file, and a snapshot is one`,
    });
    const other = join(directory, 'other');
    await writeFile(other, 'of something else '.repeat(100));
    const { code, out } = await hamok('snapshot', 'inspect', other);
    expect(code).toBe(1);
    expect(out).toMatch(/^whole +NO, snapshot-damaged: damaged at byte 0: /m);
  });

  it('ends with 2, and the usage, where what was typed makes no sense', async () => {
    for (const args of [[], ['snapshot'], ['snapshot', 'inspect'], ['snapshot', 'inspect', 'a', 'b'], ['--what']]) {
      const { code, err } = await hamok(...args);
      expect(code, args.join(' ')).toBe(2);
      expect(err).toContain('hamok snapshot inspect FILE');
    }
    expect(await hamok('--help')).toMatchObject({ code: 0, err: '' });
  });
});
