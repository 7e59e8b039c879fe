// A million entries in a separated storage over three processes that talk over loopback TCP: what they take in memory, how fast they
// are written and read, and how long it takes until all is restored and copied again after one was killed. Prints figures, asserts
// nothing. What else the machine does shows in the rates, and hardly in the processor time that a call takes on all three together.
// Build first; then: node packages/hamok/bench/separated.mjs [entries] [seconds for each figure]
import { availableParallelism, loadavg } from 'node:os';
import { StorageProcesses } from '../test/support/storage-processes.mjs';

const entries = Number(process.argv[2] ?? 1_000_000);
const ms = Number(process.argv[3] ?? 5) * 1000;
const warmUpInMs = 2000;
const ids = ['a', 'b', 'c'];
const each = Math.floor(entries / ids.length);
const keys = each * ids.length;
const config = { removeDeadAfterInMs: 5000, requestTimeoutInMs: 60_000 };
const load = () => `load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors`;
const perSecond = (count, took) => Math.round(count / (took / 1000)).toLocaleString('en');

const grid = new StorageProcesses(ids, config, { backups: 1 }, ['--expose-gc']);
await grid.startAll();
await grid.settled(ids);
const on = (members, command, args) =>
  Promise.all(members.map((id, at) => grid.members.get(id).call(command, args?.(id, at))));

const before = await on(ids, 'memory');
let began = performance.now();
await on(ids, 'fill', (_, at) => ({ prefix: 'key-', from: at * each, count: each, batch: 1000 }));
console.log(
  `${keys} new entries in batches of 1000 on three members: ${perSecond(keys, performance.now() - began)} a second (${load()})`,
);
const after = await on(ids, 'memory');
const held = await on(ids, 'state');
for (const [at, id] of ids.entries()) {
  const { stats } = held[at];
  const bytes = after[at].used - before[at].used;
  console.log(
    `${id}: ${stats.held} held, ${stats.backups} copies, ${stats.witnesses} witnessed: ${(bytes / keys).toFixed(0)} bytes an entry of the storage, ` +
      `${(after[at].rss / 2 ** 20).toFixed(0)} MiB of the process`,
  );
}

for (const { call, members, inFlight, batch } of [
  { call: 'set', members: ['a'], inFlight: 1, batch: 1 },
  { call: 'get', members: ['a'], inFlight: 1, batch: 1 },
  { call: 'set', members: ids, inFlight: 64, batch: 1 },
  { call: 'get', members: ids, inFlight: 64, batch: 1 },
  { call: 'set', members: ids, inFlight: 4, batch: 256 },
  { call: 'get', members: ids, inFlight: 4, batch: 256 },
]) {
  const measure = (ms) =>
    on(members, 'measure', (_, at) => ({ call, prefix: 'key-', keys, first: at * each, inFlight, batch, ms }));
  // Until what the calls run through is compiled.
  await measure(warmUpInMs);
  const cpuBefore = await on(ids, 'cpu');
  began = performance.now();
  const measured = await measure(ms);
  const took = performance.now() - began;
  const cpuAfter = await on(ids, 'cpu');
  const count = measured.reduce((sum, { count }) => sum + count, 0);
  const cpu = cpuAfter.reduce((sum, used, at) => sum + used - cpuBefore[at], 0);
  const who = members.length === 1 ? 'one caller on one member' : `${inFlight} callers on each of three members`;
  const what = batch === 1 ? `${call} of any key` : `${call}All of ${batch} keys`;
  const latency =
    members.length === 1 ? `, p50 ${measured[0].p50.toFixed(2)} ms, p99 ${measured[0].p99.toFixed(2)} ms` : '';
  console.log(
    `${what}, ${who}: ${perSecond(count, took)} entries a second${latency}, ${(cpu / count).toFixed(1)} µs of processor time each (${load()})`,
  );
}

const states = await on(ids, 'state');
const victim = ids.find((_, at) => !states[at].lead) ?? 'a';
const left = ids.filter((id) => id !== victim);
const used = async () => (await on(left, 'cpu')).reduce((sum, each) => sum + each, 0);
const usedBefore = await used();
const killed = performance.now();
grid.members.get(victim).signal('SIGKILL');
const until = async (isReached) => {
  while (!isReached(await on(left, 'progress'))) await new Promise((resolve) => setTimeout(resolve, 10));
  return performance.now();
};
const removed = await until((now) => now.every(({ members }) => members.length === left.length));
const restored = await until((now) => now.reduce((sum, { held }) => sum + held, 0) === keys);
await grid.settled(left);
const copied = performance.now();
const seconds = ((await used()) - usedBefore) / 1e6;
console.log(
  `after ${victim} was killed with ${states[ids.indexOf(victim)].stats.held} entries: removed ${Math.round(removed - killed)} ms later, of which ` +
    `${config.removeDeadAfterInMs} ms are what the grid waits; all entries held again ${Math.round(restored - removed)} ms after that, ` +
    `and copied again ${Math.round(copied - restored)} ms after that; ${seconds.toFixed(1)} s of processor time on both (${load()})`,
);
await grid.end();
