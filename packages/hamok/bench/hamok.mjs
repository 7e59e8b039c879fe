// Sets per second, their latency, and the processor time that each takes on all three members together: they run in this one process,
// over a MemoryNetwork. Prints figures, asserts nothing.
// Usage: node bench/hamok.mjs [seconds for each figure]
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
await Promise.all(members.map((member) => member.close({ leave: false })));
