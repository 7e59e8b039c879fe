// One instance of a service, of which one at a time does the leader's work.
//   node service.mjs a & node service.mjs b & node service.mjs c
import { RaftNode } from '@hamok/raft';
import { tcp } from '@hamok/transport/tcp';

const ports = { a: 7101, b: 7102, c: 7103 };
const id = process.argv[2] ?? 'a';
const peers = Object.keys(ports);
const transport = tcp({ port: ports[id], peers: peers.map((peer) => `127.0.0.1:${ports[peer]}`) });

const node = new RaftNode({ id, peers, transport });
let work;
node.on('leader', () => {
  console.log(`${id} leads term ${node.term}`);
  work = setInterval(() => console.log(`${id} does the leader's work`), 1000);
});
node.on('follower', () => clearInterval(work));
node.on('leader-changed', (leaderId) => console.log(`${id} follows ${leaderId ?? 'nobody'}`));
node.on('error', (error) => console.error(`${id}: ${error.message}`));
process.once('SIGINT', async () => {
  clearInterval(work);
  await node.stop(); // leaves the grid, handing leadership over first
});
await node.start();
