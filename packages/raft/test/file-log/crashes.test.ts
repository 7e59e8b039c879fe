import { describe, expect, it } from 'vitest';
import { type Durability, FileLog } from '../../src/file-log/index.js';
import { Crash, FaultyFileSystem, type Loss } from './faulty-file-system.js';
import { carryOut, Expected, lifeOf, type Step, textOf } from './history.js';
import { seeded } from './seeded.js';

const losses: readonly Loss[] = ['nothing', 'everything', 'sectors', 'bytes'];

interface Run {
  readonly disk: FaultyFileSystem;
  readonly durability: Durability;
  readonly expected: Expected;
  /** Of the states expected: the last that was reported durable, and the last of which the disk has it for certain. */
  acknowledged: number;
  certain: number;
}

/** Carries steps out until they end, or the process dies. Returns whether it lived. */
async function live(run: Run, steps: Iterable<Step>): Promise<boolean> {
  let log = openable(run);
  try {
    await log.open();
    const pending = new Set<Promise<unknown>>();
    for (const step of steps) {
      const state = await run.expected.add(step);
      if (step.type === 'wait' || step.type === 'restart') {
        await Promise.all(pending);
        if (step.type === 'wait') continue;
        await log.close();
        run.certain = run.acknowledged;
        log = openable(run);
        expect(textOf(await log.open())).toBe(run.expected.states[state]);
        continue;
      }
      const isCertain = run.durability === 'always' || step.type !== 'append' || step.hardState !== undefined;
      const done = carryOut(log, step).then(() => {
        run.acknowledged = state;
        if (isCertain && step.type !== 'compact') run.certain = state;
        pending.delete(done);
      });
      pending.add(done);
      done.catch(() => {});
    }
    await Promise.all(pending);
    await log.close();
    run.certain = run.acknowledged;
    return true;
  } catch (error) {
    if (isCrash(error)) return false;
    throw error;
  }
}

function openable({ disk, durability }: Run): FileLog {
  const clock = { now: () => 0, wallTime: () => 0, setTimer: () => () => {}, defer: queueMicrotask };
  return new FileLog('/log', { fileSystem: disk, durability, segmentBytes: 4096, clock });
}

function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error instanceof Error && error.cause instanceof Crash);
}

/** What is there after the crash is a state that there was, no earlier than what was reported durable. */
async function check(run: Run, loss: Loss): Promise<void> {
  const stored = await openable(run).open();
  const found = run.expected.states.lastIndexOf(textOf(stored));
  expect(found, `what there is after the loss of ${loss} was never there: ${textOf(stored)}`).toBeGreaterThanOrEqual(0);
  const least = loss === 'nothing' ? run.acknowledged : run.certain;
  expect(found, `${loss}: what was reported durable is lost`).toBeGreaterThanOrEqual(least);
  if (run.durability !== 'always' && found < run.acknowledged) expect(stored?.complete).toBe(false);
  // What is found complete is relied on from then on, whatever the process before had synced.
  if (stored?.complete) run.certain = Math.max(run.certain, found);
  run.acknowledged = found;
}

async function crashOnce(steps: readonly Step[], durability: Durability, loss: Loss, at: number): Promise<boolean> {
  const disk = new FaultyFileSystem(seeded(at));
  const run = { disk, durability, expected: new Expected(), acknowledged: 0, certain: 0 };
  disk.crashAt = at;
  const lived = await live(run, steps);
  disk.crash(loss);
  await check(run, loss);
  // What was found is reported, and a power cut must not take it any more.
  disk.crash('everything');
  await check(run, 'everything');
  return lived;
}

/** A short life with everything in it: an election, appends, a conflict, full segments, both kinds of snapshots, a new incarnation. */
function shortLife(): Step[] {
  const steps = [...lifeOf(seeded(3), 40)];
  const types = new Set(steps.map(({ type }) => type));
  for (const type of ['begin', 'append', 'compact', 'clear', 'restart', 'wait'])
    if (!types.has(type as Step['type'])) throw new Error(type);
  return steps;
}

describe.each(['always', 'interval'] as const)('at the level %s', (durability) => {
  it.each(losses)(
    'a crash at any call, with a loss of %s, leaves a state that includes all that was reported durable',
    async (loss) => {
      const steps = shortLife();
      let at = 0;
      for (let lived = false; !lived; at++) lived = await crashOnce(steps, durability, loss, at);
      expect(at).toBeGreaterThan(100);
    },
  );

  it('crashes in long lives, one after another and while the log is repaired, lose nothing either', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = seeded(1000 + seed);
      const disk = new FaultyFileSystem(random);
      const run = { disk, durability, expected: new Expected(), acknowledged: 0, certain: 0 };
      disk.crashAt = Math.floor(random() * 500);
      await live(run, lifeOf(random, 150));
      for (let crashes = 0; crashes < 6; crashes++) {
        const loss = losses[Math.floor(random() * losses.length)] ?? 'nothing';
        disk.crash(loss);
        if (loss !== 'nothing') run.acknowledged = run.certain;
        disk.crashAt = Math.floor(random() * 12);
        try {
          await check(run, loss);
          disk.crashAt = 0;
        } catch (error) {
          if (!isCrash(error)) throw new Error(`seed ${seed}`, { cause: error });
        }
      }
      disk.crash('nothing');
      await check(run, 'nothing');
    }
  });
});
