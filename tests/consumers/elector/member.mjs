// One member of a grid of processes, connected through its parent.
// usage: fork member.mjs <id> <id of every member ...>
import { RaftNode } from '@hamok/raft';

const [id, ...peers] = process.argv.slice(2);

/** Hands frames to the parent process, which knows the way to every member. */
class ParentTransport {
  peers = new Set();

  async open(_local, receiver) {
    process.on('message', ({ type, from, frame }) => {
      if (type === 'frame') receiver.frame(frame);
      if (type === 'connected') {
        this.peers.add(from);
        receiver.connected(from);
      }
      if (type === 'disconnected') {
        this.peers.delete(from);
        receiver.disconnected(from);
      }
    });
    process.send({ type: 'open' });
  }

  send(frame, to) {
    const targets = to === undefined ? [...this.peers] : [to].filter((peer) => this.peers.has(peer));
    for (const target of targets) process.send({ type: 'frame', to: target, frame });
    return targets.length > 0;
  }

  async close() {
    process.removeAllListeners('message');
    process.disconnect();
  }
}

const node = new RaftNode({ id, peers, transport: new ParentTransport() });
const report = () => process.send({ type: 'report', state: node.state, leaderId: node.leaderId });
node.on('leader-changed', report);
node.on('state-changed', report);
process.on('message', ({ type }) => {
  if (type === 'stop') void node.stop();
});
await node.start();
