import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { durabilities } from '../../src/file-log/durability.js';
import { FileLog } from '../../src/file-log/index.js';
import { type Configuration, type LogAppend, type LogPosition, type LogStore, MemoryLog } from '../../src/index.js';
import { logStoreConformance } from '../../src/testing/index.js';

const runner = { describe, it };

logStoreConformance(
  'MemoryLog',
  () => {
    const log = new MemoryLog();
    return { store: () => log };
  },
  runner,
);

for (const durability of durabilities) {
  logStoreConformance(
    `FileLog (${durability})`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'hamok-log-'));
      return {
        store: () => new FileLog(directory, { durability, segmentBytes: 4096 }),
        dispose: () => rm(directory, { recursive: true }),
      };
    },
    runner,
  );
}

/** How many tests of the suite a store fails. */
async function failures(store: () => LogStore): Promise<number> {
  const tests: (() => Promise<void>)[] = [];
  const collect = {
    describe: (_: string, body: () => void) => body(),
    it: (_: string, test: () => Promise<void>) => tests.push(test),
  };
  const harness = () => {
    const log = store();
    return { store: () => log };
  };
  logStoreConformance('broken', harness, collect);
  const outcomes = await Promise.allSettled(tests.map((test) => test()));
  return outcomes.filter(({ status }) => status === 'rejected').length;
}

/** Each leaves out one thing. */
const broken: Record<string, () => LogStore> = {
  'loses a vote that comes alone': () =>
    new (class extends MemoryLog {
      override append(append: LogAppend): undefined {
        if (append.entries.length > 0) super.append(append);
      }
    })(),
  'keeps a log that disagrees with a snapshot': () =>
    new (class extends MemoryLog {
      override compact({ index, time }: LogPosition, configuration: Configuration): undefined {
        super.compact({ index, term: 1, time }, configuration);
      }
    })(),
  'forgets nothing': () =>
    new (class extends MemoryLog {
      override async clear(): Promise<void> {}
    })(),
  'loses the members as of a snapshot': () =>
    new (class extends MemoryLog {
      override compact(position: LogPosition): undefined {
        super.compact(position, { voters: ['a@1', 'b@2'], learners: [] });
      }
    })(),
};

it.each(Object.entries(broken))('the suite finds a store that %s', async (_, store) => {
  expect(await failures(store)).toBeGreaterThan(0);
});
