// One instance of a service; all instances share one configuration. Type `limit 20` at any of them.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { createInterface } from 'node:readline';
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));
process.once('SIGINT', () => hamok.close().then(() => process.exit()));

/** @type {Record<string, string>} */
const initialObject = { level: 'info', limit: '10' }; // written by whoever is first
const configuration = hamok.createRecord({ recordId: 'configuration', initialObject });
configuration.on('insert', ({ key, value }) => console.log(`${key} = ${value}`));
configuration.on('update', ({ key, oldValue, newValue }) => console.log(`${key} = ${newValue} (was ${oldValue})`));

await hamok.join({ maxRetry: -1 });
await configuration.ready;
console.log('ready', JSON.stringify(configuration.instance));

for await (const line of createInterface({ input: process.stdin })) {
  const [key, value] = line.split(' ');
  if (key && value) await configuration.set(key, value).catch(console.error);
  else console.log(JSON.stringify(configuration.instance));
}
