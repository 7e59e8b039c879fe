import { appendFile, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLog } from '@hamok/raft/file-log';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { run } from '../../src/cli/run.js';

let directory: string;
/** Those that run on, as a process would that crashed later. */
let running: FileLog[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'inspect-log-'));
});

afterEach(async () => {
  await Promise.all(running.map((log) => log.close()));
  running = [];
  await rm(directory, { recursive: true });
});

async function hamok(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const lines: Record<'out' | 'err', string[]> = { out: [], err: [] };
  const output = { out: (line: string) => lines.out.push(line), err: (line: string) => lines.err.push(line) };
  const code = await run(args, commands, output);
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

const configuration = { voters: ['a@1', 'b@2'], learners: [] };

/** A log of 60 entries of two terms in several segments, compacted to the tenth. */
async function write(stop: boolean): Promise<void> {
  const log = new FileLog(directory, { segmentBytes: 4096 });
  await log.open();
  await log.begin({
    owner: { member: 'a@1', gridId: 'the-grid', founders: configuration.voters },
    hardState: { term: 0, vote: undefined },
    base: { index: -1, term: 0, time: 0 },
    configuration,
    entries: [],
  });
  const appends: Promise<void>[] = [];
  for (let index = 0; index < 60; index++) {
    const term = index < 20 ? 1 : 2;
    const hardState = index % 20 === 0 ? { term, vote: 'b@2' } : undefined;
    const data = new Uint8Array(200).fill(255);
    appends.push(log.append({ hardState, entries: [{ index, term, time: index * 10, kind: 'command', data }] }));
  }
  await Promise.all(appends);
  await log.compact({ index: 9, term: 1, time: 90 }, configuration);
  await log.append({ hardState: { term: 3, vote: undefined }, entries: [] });
  if (stop) await log.close();
  else running.push(log);
}

describe('hamok log inspect', () => {
  it('says whose log it is, and what is in it', async () => {
    await write(true);
    const { code, out, err } = await hamok('log', 'inspect', directory);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^member +a@1$/m);
    expect(out).toMatch(/^grid +the-grid, begun by a@1, b@2$/m);
    expect(out).toMatch(/^term +3, vote for nobody$/m);
    expect(out).toMatch(/^last run +durability always, ended in order: the member goes on as the same$/m);
    expect(out).toMatch(/^base +index 9, of term 1, at 90 ms of log time$/m);
    expect(out).toMatch(/^entries +50, 10 to 59$/m);
    expect(out).toMatch(/^ +10 to 19 of term 1$/m);
    expect(out).toMatch(/^ +20 to 59 of term 2$/m);
    expect(out).toMatch(/^members +voters a@1, b@2$/m);
    expect(out).toMatch(/^segment +0000000000000001.log: \d+ bytes, \d+ entries, 0 to \d+$/m);
    expect(out).toMatch(/^whole +yes$/m);
  });

  it('says what a crash left, without changing it', async () => {
    await write(false);
    const last = join(directory, '0000000000000004.log');
    const { length } = await readFile(last);
    await appendFile(last, new Uint8Array(11).fill(1));
    const { code, out } = await hamok('log', 'inspect', directory);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^last run +durability always, did not end in order, or runs: the member goes on as the same$/m,
    );
    expect(out).toMatch(/^torn end +0000000000000004.log: from \d+ on, \d+ bytes, cut off at the next start$/m);
    expect((await readFile(last)).length).toBe(length + 11);
  });

  it('says how many voters there were, where they were more', async () => {
    await write(false);
    await running[0]?.compact({ index: 19, term: 1, time: 190 }, { ...configuration, mostVoters: 5 });
    const { out } = await hamok('log', 'inspect', directory);
    expect(out).toMatch(/^members +voters a@1, b@2 \(5 at the most since the grid began\)$/m);
  });

  it('fails where the end of what was acknowledged is missing, and where all of a file is', async () => {
    await write(false);
    const last = join(directory, '0000000000000004.log');
    const { length } = await readFile(last);
    // More than the last sync put there, of which the mark may be on its way.
    await truncate(last, length - 600);
    const cut = await hamok('log', 'inspect', directory);
    expect(cut.code).toBe(1);
    expect(cut.out).toMatch(/^whole +NO, log-damaged: .*0000000000000004.log is damaged at \d+: /m);
    expect(cut.out).not.toContain('torn end');
    await rm(last);
    const gone = await hamok('log', 'inspect', directory);
    expect(gone.code).toBe(1);
    expect(gone.out).toMatch(/^whole +NO, log-damaged: .*0000000000000004.log is damaged at 0: it is gone/m);
  });

  it('fails on damage, and names the place', async () => {
    await write(true);
    const path = join(directory, '0000000000000002.log');
    const file = await open(path, 'r+');
    await file.write(new Uint8Array([7]), 0, 1, 1000);
    await file.close();
    const { code, out } = await hamok('log', 'inspect', directory);
    expect(code).toBe(1);
    const offset = Number(/^whole +NO, log-damaged: .*0000000000000002.log is damaged at (\d+):/m.exec(out)?.[1]);
    expect(offset).toBeGreaterThan(700);
    expect(offset).toBeLessThanOrEqual(1000);
    expect(out).toMatch(/^segment +0000000000000001.log/m);
    expect(out).toMatch(/^as of +the damage, and not the last record$/m);
    expect(out).toMatch(/^last run +durability always, and nobody knows how it ended$/m);
    expect(out).toMatch(/^entries +up to \d+$/m);
    expect(out).not.toMatch(/goes on|^entries +none/m);
  });

  it('promises nothing of a log that was cleared', async () => {
    await write(true);
    const log = new FileLog(directory);
    await log.open();
    await log.clear();
    await log.close();
    const { code, out } = await hamok('log', 'inspect', directory);
    expect(code).toBe(0);
    expect(out).toMatch(/^member +nobody: the log was cleared$/m);
    expect(out).toMatch(/^last run +durability always, did not end in order, or runs$/m);
  });

  it('fails where there is no log: in an empty directory, in one of something else, in none, and in a file', async () => {
    const none = { code: 1, out: `directory ${directory}\nlog       NONE in this directory` };
    expect(await hamok('log', 'inspect', directory)).toMatchObject(none);
    await writeFile(join(directory, '0000000000000001.snapshot'), 'a snapshot');
    await mkdir(join(directory, 'log'));
    expect(await hamok('log', 'inspect', directory)).toMatchObject(none);
    expect(await hamok('log', 'inspect', join(directory, 'x'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    });
    await writeFile(join(directory, 'file'), '');
    expect((await hamok('log', 'inspect', join(directory, 'file'))).code).toBe(1);
    expect((await hamok('log', 'inspect')).code).toBe(2);
  });
});
