import { afterEach, expect, it } from 'vitest';
import { type StorageProcess, StorageProcesses } from './support/storage-processes.mjs';

const ids = ['a', 'b', 'c', 'd'];
const config = { removeDeadAfterInMs: 3000, requestTimeoutInMs: 20_000 };

let grid: StorageProcesses | undefined;
afterEach(() => grid?.end());

function member(id: string): StorageProcess {
  return grid?.members.get(id) ?? expect.fail();
}

/** Everything that was acknowledged to anybody is there, and reads the same on these members. */
async function countAll(acknowledged: ReadonlySet<string>, on: readonly string[]): Promise<void> {
  const keys = [...acknowledged];
  for (const id of on) {
    const read = new Map((await member(id).call('read', { keys })) as [string, number][]);
    expect(keys.filter((key) => read.get(key) !== Number(key.slice(key.indexOf('-') + 1)))).toEqual([]);
  }
}

it('loses nothing acknowledged when processes are killed, and stopped for less and for more than it takes to be removed', {
  timeout: 180_000,
}, async () => {
  grid = new StorageProcesses(ids, config, { backups: 1 });
  await grid.startAll();
  await grid.settled(ids);
  const acknowledged = new Set<string>();
  const writing = (round: number, on: readonly string[]) =>
    Promise.allSettled(
      on.map((id) => member(id).call('write', { prefix: `${id}${round}-`, count: 400, inFlight: 64 })),
    );
  const gather = (on: readonly string[]): void => {
    for (const id of on) for (const key of member(id).acknowledged.splice(0)) acknowledged.add(key);
  };
  /** Until they have been told of so much, so that what follows happens in the midst of it. */
  const underWay = async (on: readonly string[], least: number): Promise<void> => {
    while (on.reduce((sum, id) => sum + member(id).acknowledged.length, 0) < least)
      await new Promise((resolve) => setImmediate(resolve));
  };
  const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  // Stopped, and gone on before anybody minds.
  let writes = writing(1, ids);
  await underWay(ids, 100);
  member('c').signal('SIGSTOP');
  await pass(600);
  member('c').signal('SIGCONT');
  await writes;
  gather(ids);
  await grid.settled(ids);
  await countAll(acknowledged, ids);

  // Killed.
  writes = writing(2, ids);
  await underWay(ids, 100);
  member('d').signal('SIGKILL');
  await writes;
  gather(ids);
  const left = ids.filter((id) => id !== 'd');
  await grid.settled(left);
  await countAll(acknowledged, left);

  // It comes back with nothing.
  await (await grid.start('d')).call('join');
  await grid.settled(ids);
  await countAll(acknowledged, ids);

  // Stopped for longer than the grid waits: removed, and another member when it goes on.
  writes = writing(3, ids);
  await underWay(ids, 100);
  member('b').signal('SIGSTOP');
  const others = ids.filter((id) => id !== 'b');
  await grid.settled(others);
  member('b').signal('SIGCONT');
  await writes;
  gather(ids);
  await grid.settled(ids);
  await countAll(acknowledged, ids);
  expect(acknowledged.size).toBeGreaterThan(2500);
});
