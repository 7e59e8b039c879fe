// One instance of a service that tells the others what happens. Type `publish 1.2.3`, `notify hello`, or `who`.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { createInterface } from 'node:readline';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, removeDeadAfterInMs: 2000, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));
process.once('SIGINT', () => hamok.close().then(() => process.exit()));

/** @type {import('hamok').HamokEmitter<{ deployed: [version: string], greeted: [by: string, text: string] }, { pid: number }>} */
const events = hamok.createEmitter({ emitterId: 'events' });
events.subscriptions.on('removed', (event, peerId) => console.log(`${peerId} hears of ${event} no more`));

await hamok.join({ maxRetry: -1 });
await events.subscribe('deployed', (version) => console.log(`deployed ${version}`), { pid: process.pid });
await events.subscribe('greeted', (by, text) => console.log(`greeted by ${by}: ${text}`));
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const [command, text = ''] = line.split(' ');
  if (command === 'publish') {
    // In the order of the log, on all of them. Not awaited: the next one need not wait until this one is delivered.
    const delivered = events.publish('deployed', text);
    delivered.then((ids) => console.log(`delivered ${text} to ${ids.sort().join(' ')}`), console.error);
  } else if (command === 'notify') {
    events.notify('greeted', id, text); // straight to them, and perhaps not to all
  } else {
    console.log('subscribed:', JSON.stringify([...events.subscriptions.getEventPeersMap('deployed')]));
  }
}
