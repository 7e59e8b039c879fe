// What snapshots cost a grid of three members over TCP: how long one of many keys takes to be taken, to reach a newcomer and to be
// installed there, how much of that the event loop was held up at a time (pauses of the garbage collector apart), and how long the
// leader was silent. All members run in this one process, so that what holds up one holds up all.
// Usage: node bench/snapshots.mjs [keys, default 100000] [bytes of a value, default 100]
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const keys = Number(process.argv[2] ?? 100_000);
const valueBytes = Number(process.argv[3] ?? 100);
const boundInMs = 20;

/** Pauses of the garbage collector, each from when to when. */
const collections = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) collections.push([startTime, startTime + duration]);
}).observe({ entryTypes: ['gc'] });

/** Processor time of the main thread in ms, where the system tells it: other processes and threads do not count. Else the time of day. */
const worked = (() => {
  try {
    const descriptor = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const text = Buffer.alloc(64);
    return () => Number.parseInt(text.toString('latin1', 0, readSync(descriptor, text, 0, 64, 0)), 10) / 1e6;
  } catch {
    return () => performance.now();
  }
})();

/** What the main thread did between two turns of the event loop, the garbage collector apart. */
class Turns {
  turns = [];
  #on = true;

  constructor() {
    let last = [performance.now(), worked()];
    const turn = () => {
      const now = [performance.now(), worked()];
      this.turns.push([last[0], now[0], now[1] - last[1]]);
      last = now;
      if (this.#on) setImmediate(turn);
    };
    setImmediate(turn);
  }

  async longest() {
    this.#on = false;
    await new Promise((resolve) => setTimeout(resolve, 50));
    let longest = 0;
    for (const [from, to, workedInMs] of this.turns) {
      if (workedInMs <= longest) continue;
      let collected = 0;
      for (const [start, end] of collections) collected += Math.max(0, Math.min(to, end) - Math.max(from, start));
      longest = Math.max(longest, workedInMs - collected);
    }
    return longest;
  }
}

class Heartbeats {
  longest = 0;
  #last = performance.now();

  constructor(node) {
    node.on('heartbeat', () => this.beat());
  }

  beat() {
    const now = performance.now();
    this.longest = Math.max(this.longest, now - this.#last);
    this.#last = now;
  }
}

async function watch(name, bytes, work) {
  await new Promise((resolve) => setTimeout(resolve, 500));
  const beats = new Heartbeats(leader.raft);
  const turns = new Turns();
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  beats.beat();
  const longest = await turns.longest();
  const rate = bytes === undefined ? '' : `, ${(bytes() / 1024 / 1024 / seconds).toFixed(1)} MiB/s`;
  console.log(
    `${name}: ${seconds.toFixed(2)} s${rate}; held up the loop for ${longest.toFixed(1)} ms at most, heartbeats ${beats.longest.toFixed(0)} ms apart at most`,
  );
  if (longest > boundInMs) process.exitCode = 1;
}

const transports = new Map();
function member(peerId) {
  const peers = ['a', 'b', 'c'];
  const transport = tcp({ peers: [...transports.values()].map(({ address }) => address) });
  transports.set(peerId, transport);
  const snapshots = { entries: 0, bytes: 0, ageInMs: 0, keepEntries: 0 };
  return new Hamok({ peerId, peers, transport, snapshots, followerMaxIdleInMs: 5000, electionTimeoutInMs: 5000 });
}

const members = [];
for (const id of ['a', 'b', 'c']) {
  const each = member(id);
  await each.start();
  members.push(each);
}
await Promise.all(members.map((each) => each.ready));
const leader = members.find((each) => each.leader);
const maps = members.map((each) => each.createMap({ mapId: 'bench' }));
const [map] = maps;
await map.ready;
const value = 'x'.repeat(Math.max(0, valueBytes - 2));
for (let from = 0; from < keys; from += 1000) {
  const batch = Array.from({ length: Math.min(1000, keys - from) }, (_, i) => [`key-${from + i}`, value]);
  await map.setAll(batch);
}
await Promise.all(members.map((each) => each.waitUntilCommitHead()));

let taken = 0;
for await (const chunk of leader.collections.machine.snapshot()) taken += chunk.byteLength;
console.log(`${keys} keys with values of ${valueBytes} bytes: a snapshot of ${(taken / 1024 / 1024).toFixed(1)} MiB`);
await watch('idle', undefined, () => new Promise((resolve) => setTimeout(resolve, 2000)));
await watch(
  'taken by the leader',
  () => taken,
  () => leader.raft.takeSnapshot(),
);
const others = members.filter((each) => each !== leader);
await watch(
  'taken by the leader while 1000 sets are made',
  () => taken,
  async () => {
    const done = leader.raft.takeSnapshot();
    for (let i = 0; i < 1000; i++) await map.set(`key-${i}`, `${value}${i}`.slice(-value.length));
    await done;
  },
);
await leader.raft.takeSnapshot();
const newcomer = member('d');
const shown = newcomer.createMap({ mapId: 'bench' });
await watch(
  'a newcomer joins, receives and installs',
  () => taken,
  () => newcomer.join(),
);
if (shown.size !== keys) throw new Error(`${shown.size} keys, not ${keys}`);
console.log(
  `installed ${newcomer.raft.report().counters.snapshotsInstalled} snapshot(s), ${others.length + 2} members`,
);
await Promise.all([...members, newcomer].map((each) => each.close({ leave: false })));
