// What a grid that runs for long keeps: the heap after many sets over few keys, beside what it was after the first of them. All three
// members run in this one process, over a MemoryNetwork. Ends with 1 where a member's part grew by more than 30 MiB.
// Usage: node [--max-old-space-size=N] bench/memory.mjs [operations, default 1000000]
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MemoryNetwork } from '@hamok/transport/memory';
import { Hamok } from 'hamok';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const operations = Number(process.argv[2] ?? 1_000_000);
const first = 10_000;
const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`);
const inFlight = 512;
const bound = 30 * 1024 * 1024;

const peers = ['a', 'b', 'c'];
const network = new MemoryNetwork();
// Patient, since what else runs on the machine must not end it.
const patience = { followerMaxIdleInMs: 5000, electionTimeoutInMs: 5000, requestTimeoutInMs: 120_000 };
const members = peers.map((peerId) => new Hamok({ peerId, peers, transport: network.transport(), ...patience }));
await Promise.all(members.map((member) => member.join()));
const maps = members.map((member) => member.createMap({ mapId: 'bench' }));
await Promise.all(maps.map((map) => map.ready));

let done = 0;
async function setUntil(count) {
  const caller = async (map) => {
    while (done < count) {
      const i = done++;
      await map.set(keys[i % keys.length], String(i).padStart(98, 'x'));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, i) => caller(maps[i % maps.length])));
}

/** What is left when everything that can go has gone. */
async function used() {
  await Promise.all(members.map((member) => member.waitUntilCommitHead()));
  await new Promise((resolve) => setTimeout(resolve, 200));
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
await setUntil(first);
const before = await used();
console.log(`after ${first} sets: ${mib(before)} in all, ${mib(before / 3)} a member`);
let most = 0;
const steps = 10;
for (let step = 1; step <= steps; step++) {
  await setUntil(Math.round((operations * step) / steps));
  const grown = (await used()) - before;
  most = Math.max(most, grown);
  console.log(`after ${done} sets: ${mib(grown / 3)} more a member`);
}
const grown = (await used()) - before;
const perOperation = grown / 3 / (operations - first);
const logs = members.map(({ raft }) => mib(raft.report().log.bytes)).join(', ');
console.log(`kept per operation and member: ${perOperation.toFixed(2)} bytes; in the logs ${logs}`);
console.log(`most at any time: ${mib(most / 3)} more a member, where ${mib(bound)} are allowed`);
if (most / 3 > bound) process.exitCode = 1;
await Promise.all(members.map((member) => member.close({ leave: false })));
