// One member of a grid on disks, as a process: writes without end, says what was acknowledged, and tells what it holds when asked.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { fileLog } from '@hamok/raft/file-log';
import { FileSnapshotStore } from '@hamok/snapshot/file';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const { peerId, ports, directory, keys, round, durability } = JSON.parse(process.argv[2]);
const peers = Object.keys(ports);

const hamok = new Hamok({
  peerId,
  peers,
  transport: () =>
    tcp({
      port: ports[peerId],
      peers: peers.filter((id) => id !== peerId).map((id) => `127.0.0.1:${ports[id]}`),
      reconnectMaxInMs: 100,
    }),
  raftLogs: fileLog(join(directory, 'log'), { durability, segmentBytes: 16 * 1024 }),
  snapshots: { store: new FileSnapshotStore({ directory: join(directory, 'snapshots') }), entries: 60, keepEntries: 5 },
  followerMaxIdleInMs: 600,
  electionTimeoutInMs: 1500,
  heartbeatInMs: 50,
  requestTimeoutInMs: 20_000,
});

const tell = (message) => process.connected && process.send(message);
const map = hamok.createMap({ mapId: 'm' });
/** Sequences of this process: unique over all of its runs, as rounds are. */
let issued = round * 1_000_000;

hamok.on('error', (error) => tell({ type: 'error', code: error.code, text: inspect(error) }));
hamok.on('unsynced-peer', (id) => tell({ type: 'unsynced', id }));
for (const name of ['state-changed', 'leader-changed', 'joined', 'rejoining', 'quorum-lost', 'quorum-regained'])
  hamok.on(name, (...details) => tell({ type: 'event', text: [name, ...details].join(' ') }));
setInterval(() => tell({ type: 'applied', index: hamok.raft?.appliedIndex ?? -1 }), 500);

async function write(lane) {
  for (;;) {
    const value = ++issued;
    const key = `${peerId} ${lane}`;
    tell({ type: 'issued', key, value });
    try {
      await map.set(key, { value, text: 'x'.repeat(100) });
      tell({ type: 'acknowledged', key, value });
    } catch (error) {
      if (error.code === 'closed') return;
      // What is refused at once is asked again in another turn, so that the errors get out.
      await setImmediate();
    }
  }
}

process.on('message', async ({ type, id }) => {
  if (type === 'report') {
    const { ready, raft } = hamok;
    const isReady = await Promise.race([ready.then(() => true), setImmediate(false)]);
    tell({ type: 'report', text: inspect({ isReady, obstacle: raft?.obstacle, ...raft?.report() }, { depth: 4 }) });
  }
  if (type === 'dump') {
    await hamok.waitUntilCommitHead({ timeoutInMs: Number.POSITIVE_INFINITY });
    const entries = [...map.entries()].map(([key, { value }]) => [key, value]);
    tell({ type: 'dump', id, entries });
  }
});

// Whoever kills members may be killed too.
process.on('disconnect', () => process.exit());

await hamok.join({ maxRetry: -1 });
tell({ type: 'joined', member: hamok.raft.member });
for (let lane = 0; lane < keys; lane++) void write(lane);
