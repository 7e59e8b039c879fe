// Proposals a second through three nodes in one process, over a memory transport with encoding, and the latency of one caller.
import { MemoryNetwork } from '@hamok/transport/memory';
import { RaftNode } from '../dist/index.js';

const payload = new Uint8Array(200).fill(120);
const network = new MemoryNetwork();
const ids = ['a', 'b', 'c'];
const nodes = ids.map((id) => new RaftNode({ id, peers: ids, transport: network.transport() }));
await Promise.all(nodes.map((node) => node.start()));
const leader = await new Promise((resolve) => {
  for (const node of nodes) node.once('leader', () => resolve(node));
});
await leader.propose(payload);
const follower = nodes.find((node) => node !== leader);
await follower.barrier();

for (const [name, node] of [
  ['leader', leader],
  ['follower', follower],
]) {
  const latencies = [];
  for (let i = 0; i < 2000; i++) {
    const from = performance.now();
    await node.propose(payload);
    latencies.push(performance.now() - from);
  }
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(3);
  console.log(`one caller at the ${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);

  const durationInMs = 3000;
  let done = 0;
  const until = performance.now() + durationInMs;
  const caller = async () => {
    while (performance.now() < until) {
      await node.propose(payload);
      done++;
    }
  };
  await Promise.all(Array.from({ length: 1024 }, caller));
  console.log(`1024 in flight at the ${name}: ${Math.round((done * 1000) / durationInMs)} proposals/s`);
}
await Promise.all(nodes.map((node) => node.stop({ leave: false })));
