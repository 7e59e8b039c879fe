// A million entries in a separated storage over three processes that talk over loopback TCP: what they take in memory, how fast they
// are written and read, and how long it takes until all is restored and copied again after one was killed. Prints figures, asserts nothing.
// Build first; then: node packages/hamok/bench/separated.mjs [entries] [seconds for each figure]
import { StorageProcesses } from '../test/support/storage-processes.mjs';

const entries = Number(process.argv[2] ?? 1_000_000);
const ms = Number(process.argv[3] ?? 5) * 1000;
const ids = ['a', 'b', 'c'];
const config = { removeDeadAfterInMs: 5000, requestTimeoutInMs: 60_000 };
const grid = new StorageProcesses(ids, config, { backups: 1 }, ['--expose-gc']);
await grid.startAll();
await grid.settled(ids);
const all = (command, args) => Promise.all(ids.map((id, at) => grid.members.get(id).call(command, args?.(id, at))));
const total = async () => (await all('memory')).reduce((sum, { used }) => sum + used, 0);
const perSecond = (count, took) => Math.round(count / (took / 1000)).toLocaleString('en');

const before = await total();
const each = Math.floor(entries / ids.length);
let began = performance.now();
await all('fill', (_, at) => ({ prefix: 'key-', from: at * each, count: each, batch: 1000 }));
console.log(
  `${entries} entries written in batches of 1000 on three members: ${perSecond(entries, performance.now() - began)} a second`,
);
const held = await all('state');
console.log(
  `memory: ${(((await total()) - before) / (each * 3)).toFixed(0)} bytes an entry, its copy and its witness included, on all three together`,
);
console.log(
  `held, copied, witnessed: ${held.map(({ stats }) => `${stats.held} ${stats.backups} ${stats.witnesses}`).join('; ')}`,
);

for (const [call, inFlight] of [
  ['set', 1],
  ['set', 256],
  ['get', 1],
  ['get', 256],
]) {
  began = performance.now();
  const calls = await all('measure', () => ({ call, prefix: 'key-', keys: each * 3, inFlight, ms }));
  const sum = calls.reduce((a, b) => a + b, 0);
  console.log(
    `${call} of any key, ${inFlight} in flight on each member: ${perSecond(sum, performance.now() - began)} a second on all three`,
  );
}

const states = await all('state');
const victim = ids.find((_, at) => !states[at].lead) ?? 'a';
const left = ids.filter((id) => id !== victim);
const killed = performance.now();
grid.members.get(victim).signal('SIGKILL');
const restored = async () => {
  for (;;) {
    const now = await Promise.all(left.map((id) => grid.members.get(id).call('state')));
    const sum = now.reduce((count, { stats }) => count + stats.held, 0);
    if (now.every(({ members }) => members.length === 2) && sum === each * 3) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
await restored();
console.log(
  `after a kill: all entries are held again after ${Math.round(performance.now() - killed)} ms, of which the grid waits ${config.removeDeadAfterInMs} before it removes`,
);
await grid.settled(left);
console.log(`and have their copies again after ${Math.round(performance.now() - killed)} ms`);
await grid.end();
