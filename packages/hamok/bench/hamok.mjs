// Sets and pops per second, and the processor time that each takes on all three members together: they run in this one process, over
// a MemoryNetwork, which encodes and copies as any network does. Prints figures, asserts nothing.
// Usage: node bench/hamok.mjs [seconds for each figure]
import { loadavg } from 'node:os';
import { MemoryNetwork } from '@hamok/transport/memory';
import { Hamok } from 'hamok';

const seconds = Number(process.argv[2] ?? 3);
const peers = ['a', 'b', 'c'];
const network = new MemoryNetwork();
const members = peers.map((peerId) => new Hamok({ peerId, peers, transport: network.transport() }));
await Promise.all(members.map((member) => member.join()));
const leader = members.find((member) => member.leader);
const follower = members.find((member) => !member.leader);

async function measure(member, inFlight, name) {
  const map = member.getOrCreateMap({ mapId: 'bench' });
  await map.ready;
  const latencies = [];
  let ends = performance.now() + 500;
  let warm = false;
  let count = 0;
  const caller = async (id) => {
    for (let i = 0; performance.now() < ends; i++) {
      const began = performance.now();
      await map.set(`${id}-${i % 100}`, i);
      if (!warm) continue;
      count++;
      if (count % 8 === 0 || inFlight === 1) latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, id) => caller(id)));
  warm = true;
  const cpu = process.cpuUsage();
  const begin = performance.now();
  ends = begin + seconds * 1000;
  await Promise.all(Array.from({ length: inFlight }, (_, id) => caller(id)));
  const perSecond = Math.round(count / ((performance.now() - begin) / 1000));
  const { user, system } = process.cpuUsage(cpu);
  const cost = ((user + system) / count).toFixed(1);
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)]?.toFixed(3);
  console.log(
    `${name}, ${inFlight} in flight: ${perSecond} sets/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${cost} µs of processor time a set`,
  );
}

for (const [member, name] of [
  [leader, 'leader'],
  [follower, 'follower'],
]) {
  await measure(member, 1, name);
  await measure(member, 1024, name);
}

/** Items are pushed beforehand, outside of what is measured. */
async function measurePops(callers) {
  const queues = members.map((member) => member.createQueue({ queueId: 'jobs' }));
  await Promise.all(queues.map((queue) => queue.ready));
  const spent = { pops: 0, ms: 0, cpu: 0 };
  const round = async (items) => {
    for (let from = 0; from < items; from += 1000)
      await queues[0].push(...Array.from({ length: Math.min(1000, items - from) }, (_, i) => from + i));
    await Promise.all(members.map((member) => member.waitUntilCommitHead()));
    const caller = async (queue) => {
      while ((await queue.pop()) !== undefined) spent.pops++;
    };
    const cpu = process.cpuUsage();
    const begin = performance.now();
    await Promise.all(Array.from({ length: callers }, (_, i) => caller(queues[i % queues.length])));
    const { user, system } = process.cpuUsage(cpu);
    spent.ms += performance.now() - begin;
    spent.cpu += user + system;
  };
  await round(10_000);
  Object.assign(spent, { pops: 0, ms: 0, cpu: 0 });
  while (spent.ms < seconds * 1000) await round(20_000);
  const perSecond = Math.round((spent.pops / spent.ms) * 1000);
  const cost = (spent.cpu / spent.pops).toFixed(1);
  console.log(`${callers} callers on three members: ${perSecond} pops/s, ${cost} µs of processor time a pop`);
}

await measurePops(64);
console.log(`load average of the last minute: ${loadavg()[0]?.toFixed(1)}`);
await Promise.all(members.map((member) => member.close({ leave: false })));
