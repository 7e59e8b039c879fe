// Appends a second to a log in files, by level, beside what the disk does by itself; and how long a log takes to be read again.
// usage: node bench/file-log.mjs [DIR], after a build
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryNetwork } from '@hamok/transport/memory';
import { fileLog } from '../dist/file-log/index.js';
import { MemorySnapshotStore, RaftNode } from '../dist/index.js';

const root = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'hamok-bench-'));
const durationInMs = 3000;
const configuration = { voters: ['a@1'], learners: [] };
const contents = {
  owner: { member: 'a@1', gridId: 'g', founders: configuration.voters },
  hardState: { term: 1, vote: undefined },
  base: { index: -1, term: 0, time: 0 },
  configuration,
  entries: [],
};
const data = new Uint8Array(200).fill(120);
const entry = (index) => ({ index, term: 1, time: index, kind: 'command', data });

function percentiles(latencies) {
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor((latencies.length - 1) * share)].toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function repeat(action, callers) {
  const latencies = [];
  const until = performance.now() + durationInMs;
  const caller = async () => {
    while (performance.now() < until) {
      const from = performance.now();
      await action();
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return `${Math.round((latencies.length * 1000) / durationInMs)}/s, ${percentiles(latencies)}`;
}

const raw = await open(join(root, 'raw'), 'w');
const sync = async () => {
  await raw.write(data);
  await raw.datasync();
};
console.log(`write and fdatasync of 200 bytes by themselves: ${await repeat(sync, 1)}`);
await raw.close();

for (const durability of ['always', 'interval', 'os']) {
  for (const callers of [1, 64, 1024]) {
    const log = fileLog(join(root, `${durability}-${callers}`), { durability });
    await log.open();
    await log.begin(contents);
    let index = 0;
    const append = () => log.append({ hardState: undefined, entries: [entry(index++)] });
    console.log(`${durability}, ${callers} in flight: appends of 200 bytes ${await repeat(append, callers)}`);
    await log.close();
  }
}

/** Three nodes in one process, each with a log of its own on this one disk. */
async function replicated(durability) {
  const network = new MemoryNetwork();
  const ids = ['a', 'b', 'c'];
  const nodes = ids.map((id) => {
    const logStore = fileLog(join(root, `node-${durability}-${id}`), { durability });
    const disk = durability === undefined ? {} : { logStore, snapshotStore: new MemorySnapshotStore() };
    return new RaftNode({ id, peers: ids, transport: network.transport(), ...disk });
  });
  const led = new Promise((resolve) => {
    for (const node of nodes) node.once('leader', () => resolve(node));
  });
  await Promise.all(nodes.map((node) => node.start()));
  const leader = await led;
  await leader.propose(data);
  const figures = await repeat(() => leader.propose(data), 1024);
  for (const node of nodes) await node.stop({ leave: false });
  return figures;
}

for (const durability of [undefined, 'always', 'interval', 'os']) {
  console.log(
    `three nodes, ${durability ?? 'in memory'}, 1024 in flight: proposals of 200 bytes ${await replicated(durability)}`,
  );
}

const log = fileLog(join(root, 'recovery'), { durability: 'os' });
await log.open();
await log.begin(contents);
for (let index = 0; index < 100_000; index += 1000) {
  await log.append({ hardState: undefined, entries: Array.from({ length: 1000 }, (_, i) => entry(index + i)) });
}
await log.close();
const from = performance.now();
const { entries } = await log.open();
console.log(`reading ${entries.length} entries of 200 bytes again: ${Math.round(performance.now() - from)} ms`);
await log.close();
await rm(root, { recursive: true });
