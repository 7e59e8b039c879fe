// How many frames of 200 bytes a second pass between processes on loopback: one way and both ways,
// and the round trip of a single frame. Build first; then: node bench/tcp.mjs [seconds]
import { fork } from 'node:child_process';
import { tcp } from '../dist/tcp/index.js';

const FRAME_BYTES = 200;
const PER_TURN = 2000;
const seconds = Number(process.argv[2] ?? 3);

const member = async (id) => {
  const transport = tcp();
  let received = 0;
  let echo = false;
  let sending;
  await transport.open(
    { id, gridName: 'bench' },
    {
      frame: (frame) => {
        received += 1;
        if (echo) transport.send(frame.slice());
      },
      connected: () => process.send({ peers: transport.peers.size }),
      disconnected() {},
      error: (error) => error.code === 'busy' || console.error(id, error.message),
    },
  );
  const frame = new Uint8Array(FRAME_BYTES);
  const pump = () => {
    for (let sent = 0; sent < PER_TURN; sent += 1) if (!transport.send(frame)) break;
    sending = setImmediate(pump);
  };
  process.on('message', (order) => {
    if (order.peer) transport.addPeer(order.peer);
    if (order.send === true) pump();
    if (order.send === false) clearImmediate(sending);
    if (order.echo !== undefined) echo = order.echo;
    if (order.count) process.send({ count: received });
    if (order.close) void transport.close().then(() => process.disconnect());
  });
  process.send({ address: transport.address });
};

const start = () => {
  const child = fork(new URL(import.meta.url).pathname, ['member']);
  const waiting = [];
  child.on('message', (message) => {
    const index = waiting.findIndex((wait) => wait.wants(message));
    if (index >= 0) waiting.splice(index, 1)[0].resolve(message);
  });
  const next = (wants) => new Promise((resolve) => waiting.push({ wants, resolve }));
  const order = (message) => child.send(message);
  const ask = (message, wants) => {
    const answer = next(wants);
    order(message);
    return answer;
  };
  return { next, order, ask };
};

const count = async (process) => (await process.ask({ count: true }, (m) => m.count !== undefined)).count;

const measure = async (title, senders, receivers) => {
  for (const sender of senders) sender.order({ send: true });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const from = await Promise.all(receivers.map(count));
  const begun = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const to = await Promise.all(receivers.map(count));
  const elapsed = (performance.now() - begun) / 1000;
  for (const sender of senders) sender.order({ send: false });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const frames = to.reduce((sum, total, index) => sum + total - from[index], 0) / elapsed;
  console.log(
    `${title}: ${Math.round(frames).toLocaleString('en')} frames/s, ${((frames * FRAME_BYTES) / 1e6).toFixed(0)} MB/s`,
  );
};

const roundTrips = async (peer, rounds) => {
  let resolve;
  let connected;
  const transport = tcp({ peers: [peer] });
  const ready = new Promise((done) => {
    connected = done;
  });
  await transport.open(
    { id: 'timer', gridName: 'bench' },
    { frame: () => resolve(), connected, disconnected() {}, error: console.error },
  );
  await ready;
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await new Promise((done) => {
      resolve = done;
      transport.send(new Uint8Array(FRAME_BYTES));
    });
    times.push(performance.now() - begun);
  }
  await transport.close();
  times.sort((a, b) => a - b);
  const at = (part) => (times[Math.floor(rounds * part)] * 1000).toFixed(0);
  console.log(`round trip of one frame: p50 ${at(0.5)} us, p99 ${at(0.99)} us`);
};

if (process.argv[2] === 'member') {
  await member(`member-${process.pid}`);
} else {
  const members = [start(), start()];
  const [a, b] = members;
  const [, { address }] = await Promise.all(members.map(({ next }) => next((m) => m.address)));
  await a.ask({ peer: address }, (m) => m.peers === 1);
  await measure('one way, 1 to 1', [a], [b]);
  await measure('both ways', [a, b], [a, b]);
  b.order({ echo: true });
  a.order({ close: true });
  await roundTrips(address, 5000);
  b.order({ close: true });
}
