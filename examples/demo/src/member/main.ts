// One member of the grid, in a process of its own. usage: main.js <its id> <the ids of all members, by commas> [<its address> <those of the others> ...]
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';
import type { Command } from '../process/protocol.js';
import { Outbox } from './outbox.js';
import { Worker } from './worker.js';

const watchIntervalInMs = 50;

const [id = '', ids = '', address = '', ...peers] = process.argv.slice(2);
const outbox = new Outbox();
const port = Number(address.slice(address.lastIndexOf(':') + 1));
const transport = tcp({ port, peers });
const hamok = new Hamok({ peerId: id, peers: ids.split(','), gridName: 'demonstration', transport });

const fail = (error: unknown): void => {
  outbox.send({ type: 'failed', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
};

// No member outlives the main process, however that ended.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', fail);

hamok.on('leader-changed', (leaderId) => outbox.send({ type: 'leader', leaderId }));
hamok.once('started', () => {
  const { host, port } = transport.address ?? { host: '', port: 0 };
  outbox.send({ type: 'listening', address: `${host}:${port}` });
});

const worker = new Worker(hamok, outbox);
process.on('message', (command: Command) => {
  if (command.type === 'connect') for (const address of command.addresses) transport.addPeer(address);
  else worker.carryOut(command).catch(fail);
});

try {
  await hamok.join();
  outbox.send({ type: 'joined' });
  worker.watch(watchIntervalInMs);
} catch (error) {
  fail(error);
}
