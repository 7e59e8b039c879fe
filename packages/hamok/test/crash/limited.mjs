// One member alone, whose files may not grow beyond a limit of the system: prints what it acknowledged until its disk failed, or with 0
// writes what it finds.
import { join } from 'node:path';
import { fileLog } from '@hamok/raft/file-log';
import { FileSnapshotStore } from '@hamok/snapshot/file';
import { Hamok } from 'hamok';

const [directory, writes] = process.argv.slice(2);
const errors = [];
const hamok = new Hamok({
  peerId: 'a',
  peers: ['a'],
  raftLogs: fileLog(join(directory, 'log')),
  snapshots: { store: new FileSnapshotStore({ directory: join(directory, 'snapshots') }) },
});
hamok.on('error', ({ code }) => errors.push(code));
const map = hamok.createMap({ mapId: 'm' });
await hamok.join();
let acknowledged = 0;
let refusal;
for (let i = 0; i < Number(writes) && refusal === undefined; i++) {
  await map.set(`key ${i}`, 'x'.repeat(1000)).then(
    () => acknowledged++,
    ({ code }) => {
      refusal = code;
    },
  );
}
console.log(JSON.stringify({ acknowledged, refusal, errors, held: map.size }));
process.exit(0);
