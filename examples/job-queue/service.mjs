// One worker. Name a job on the standard input of any of them; whichever is free does it.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const visibilityTimeoutInMs = 2000;
const workInMs = Number(process.env['WORK_IN_MS'] ?? 50);

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));
process.once('SIGINT', () => hamok.close().then(() => process.exit()));

/** @type {import('hamok').HamokQueue<string>} */
const jobs = hamok.createQueue({ queueId: 'jobs', maxDeliveries: 3 });
jobs.on('dead-letter', (job, deliveries) => console.log(`${job}: given up after ${deliveries} deliveries`));
/** @type {import('hamok').HamokMap<string, string>} */
const doneBy = hamok.createMap({ mapId: 'done by' });

await hamok.join({ maxRetry: -1 });
console.log('ready');
createInterface({ input: process.stdin }).on('line', (job) => jobs.push(job).catch(console.error));

async function doNextJob() {
  const held = await jobs.take({ visibilityTimeoutInMs });
  const { item: job, deliveries } = held;
  console.log(`${job}: begun, delivery ${deliveries}`);
  // A worker that lives keeps its job, however long it takes.
  const extending = setInterval(() => held.extend().catch(console.error), visibilityTimeoutInMs / 4);
  try {
    if (job.startsWith('broken')) throw new Error('it cannot be done');
    await delay(workInMs);
    console.log(`${job}: worked on`); // the effect, which another worker may have had too
    const earlier = await doneBy.insert(job, id); // what must happen once is an insert
    const inTime = await held.ack();
    console.log(`${job}: ${earlier ? `had been done by ${earlier}` : 'done'}${inTime ? '' : ', and taken from here'}`);
  } catch (error) {
    console.log(`${job}: ${error}`);
    await held.nack(); // where that fails too, its time runs out
  } finally {
    clearInterval(extending);
  }
}

for (;;) {
  try {
    await doNextJob();
  } catch (error) {
    console.error(error); // removed while it stood still, it comes back by itself: that takes a moment
    await delay(200);
  }
}
