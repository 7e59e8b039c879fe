// One instance of a service that shows on every instance who is there. Kill one, and it expires everywhere.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const ttlInMs = 3000;

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));

/** @type {import('hamok').HamokMap<string, { pid: number }>} */
const online = hamok.createMap({ mapId: 'online' });
online.on('insert', (who, { pid }) => console.log(`${who} is there (process ${pid})`));
online.on('remove', (who) => console.log(`${who} has left`));
online.on('expire', (who) => console.log(`${who} expired`));

/** Also for an instance that was away for so long that it expired. */
async function heartbeat() {
  try {
    if (!(await online.touch(id, ttlInMs))) await online.insert(id, { pid: process.pid }, { ttlInMs });
  } catch (error) {
    console.error(error); // the next one may get through
  }
}

await hamok.join({ maxRetry: -1 });
await heartbeat();
console.log('ready, and sees', [...online.keys()].sort().join(' '));
const timer = setInterval(heartbeat, ttlInMs / 6);

process.once('SIGINT', async () => {
  clearInterval(timer);
  await online.delete(id); // whoever says good-bye is not waited for
  await hamok.close();
});
