// One instance of a service, of which one at a time does the leader's work: the consensus alone, without collections.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { RaftNode } from '@hamok/raft';
import { tcp } from '@hamok/transport/tcp';

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const node = new RaftNode({ id, peers: ['a', 'b', 'c'], transport });
node.on('error', (error) => console.error(error.message));
node.on('joined', () => console.log('ready'));
node.on('leader-changed', (leaderId) => console.log(`follows ${leaderId ?? 'nobody'}`));

/** @type {NodeJS.Timeout | undefined} */
let work;
node.on('leader', () => {
  console.log(`leads term ${node.term}`);
  work = setInterval(() => console.log("does the leader's work"), 500);
});
node.on('follower', () => clearInterval(work));

process.once('SIGINT', async () => {
  clearInterval(work);
  await node.stop(); // leaves the grid, handing leadership over first
});
await node.start();
console.log(`listens on ${transport.address?.port}`);
