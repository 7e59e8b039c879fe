// One member of a grid with a separated storage, as a process: carries out what its parent asks for over its channel.
import process from 'node:process';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const transport = tcp({ reconnectMinInMs: 10, reconnectMaxInMs: 100 });
let member;
let storage;

const commands = {
  async start({ config, storageOptions }) {
    member = new Hamok({ transport, ...config });
    member.on('error', (error) => process.send?.({ error: error.message }));
    await member.start();
    storage = member.createSeparatedStorage({ storageId: 'storage', ...storageOptions });
    return transport.address;
  },
  connect: ({ addresses }) => {
    for (const address of addresses) transport.addPeer(address);
  },
  async join() {
    await member.join({ maxRetry: -1 });
    await storage.ready;
  },
  /** Writes numbered entries, so many at once, and tells each that was acknowledged. */
  async write({ prefix, count, inFlight }) {
    let next = 0;
    const writer = async () => {
      for (let i = next++; i < count; i = next++) {
        try {
          await storage.set(`${prefix}${i}`, i);
          process.send?.({ acknowledged: `${prefix}${i}` });
        } catch (error) {
          if (!['indeterminate', 'not-committed', 'closed'].includes(error.code)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: inFlight }, writer));
  },
  /** Writes numbered entries in batches, and gives how long that took, in ms. */
  async fill({ prefix, from, count, batch, value }) {
    const began = performance.now();
    for (let at = 0; at < count; at += batch)
      await storage.setAll(
        Array.from({ length: Math.min(batch, count - at) }, (_, i) => [
          `${prefix}${from + at + i}`,
          value ?? from + at + i,
        ]),
      );
    return performance.now() - began;
  },
  /** Makes calls for so long, so many at once, of so many keys each; gives how many entries that were, and how long calls took, in ms. */
  async measure({ call, prefix, keys, first, inFlight, batch, ms }) {
    const ends = performance.now() + ms;
    const latencies = [];
    let next = first;
    const key = () => `${prefix}${(next++ * 7919) % keys}`;
    const make = {
      get: () => (batch === 1 ? storage.get(key()) : storage.getAll(Array.from({ length: batch }, key))),
      set: () =>
        batch === 1 ? storage.set(key(), next) : storage.setAll(Array.from({ length: batch }, () => [key(), next])),
    }[call];
    const caller = async () => {
      for (let began = performance.now(); began < ends; began = performance.now()) {
        await make();
        latencies.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    latencies.sort((a, b) => a - b);
    const at = (share) => latencies[Math.floor(latencies.length * share)];
    return { count: latencies.length * batch, p50: at(0.5), p99: at(0.99) };
  },
  /** Processor time used so far, in µs. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async read({ keys }) {
    return [...(await storage.getAll(keys))];
  },
  size: () => storage.size(),
  /** Without counting anything, for those who ask often. */
  progress: () => ({ settled: storage.settled, members: storage.participants.memberIds, held: storage.localSize }),
  state: () => ({
    settled: storage.settled,
    members: storage.participants.memberIds,
    stats: storage.stats,
    lead: member.leader,
  }),
  memory() {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { used: heapUsed + external, rss };
  },
  close: () => member.close({ leave: false }),
};

process.on('message', async ({ id, command, args }) => {
  try {
    const result = await commands[command](args);
    process.send?.({ id, result });
  } catch (error) {
    process.send?.({ id, failure: `${error.code ?? error.name}: ${error.message}` });
  }
});
process.on('disconnect', () => process.exit());
