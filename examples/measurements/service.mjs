// One of several servers. Clients are connected to any of them, and each answers for all of them.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { postgresStorage } from '@hamok/collections/postgres';
import { tcp } from '@hamok/transport/tcp';
import { Hamok, memoryStorage } from 'hamok';
import pg from 'pg';
import { serveClients } from './serve-clients.mjs';

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, removeDeadAfterInMs: 2000, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));

// Separated: an entry is on the server that was first to write it, with a copy on another one.
/** @type {import('hamok').SeparatedStorage<string, { value: number, server: string }>} */
const last = hamok.createSeparatedStorage({ storageId: 'last measurement' });

// Federated: each server has a number of its own, which goes with it, for it has no copies; whoever reads has the sum.
/** @type {import('hamok').FederatedStorage<string, number>} */
const connected = hamok.createFederatedStorage({
  storageId: 'connected',
  backups: 0,
  merge: (numbers) => numbers.reduce((sum, number) => sum + number),
});

// Replicated: every server has all of it, and a storage that keeps it. In memory or in PostgreSQL: that is the line with both.
const pool = new pg.Pool().on('error', console.error); // connects where it is used
/** @type {import('hamok').Storage<string, string>} */
const kept = process.env['PGHOST'] ? postgresStorage({ id, pool }) : memoryStorage({ id });
/** @type {[key: string, value: string][]} What it was when all servers were stopped. */
const saved = [];
for await (const [key, value] of kept) saved.push([key, value]);
/** @type {import('hamok').ReplicatedStorage<string, string>} */
const configuration = hamok.createReplicatedStorage({ storageId: 'configuration', storage: kept });
configuration.events.on('created', (key, value) => console.log(`${key} is ${value}`));
configuration.events.on('updated', (key, before, value) => console.log(`${key} is ${value}, and was ${before}`));

const answers = {
  async measured(client = '', value = '') {
    const set = () => last.set(client, { value: Number(value), server: id });
    // Where the server that has the entry dies meanwhile, it is not known whether it was set. Setting it twice does no harm.
    await set().catch((error) => (error.mayHaveHappened ? set() : Promise.reject(error)));
    return `kept ${value}`;
  },
  last: async (client = '') => `last of ${client}: ${JSON.stringify(await last.get(client))}`,
  clients: async () => `clients: ${await connected.get('clients')}`,
  configure: async (key = '', value = '') => `configured, and was ${await configuration.set(key, value)}`,
};

await hamok.join({ maxRetry: -1 });
await Promise.all([last.ready, connected.ready, configuration.ready]);
await configuration.insertAll(saved); // where others were first, theirs counts
const clientPort = await serveClients(answers, (clients) => connected.set('clients', clients));
console.log(`serves clients on ${clientPort}`);
console.log('ready', JSON.stringify([...configuration.localEntries()]));
process.once('SIGINT', async () => {
  await configuration.copied().catch(console.error); // to PostgreSQL, which is behind at times
  await hamok.close();
  process.exit();
});
