// A client, connected to one of the servers, and to the next one when that is gone. What it reads, it asks there.
//   node client.mjs client-1 7201 7202 7203      then type `measured client-1 21.5`, `last client-2` or `clients`
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [, ...ports] = process.argv.slice(2).map(Number);
const questions = createInterface({ input: process.stdin });

for (let turn = 0; ; turn++) {
  const socket = connect(ports[turn % ports.length] ?? 0, '127.0.0.1');
  const ask = (/** @type {string} */ question) => socket.write(`${question}\n`);
  try {
    await once(socket, 'connect');
    questions.on('line', ask);
    createInterface({ input: socket }).on('line', (answer) => console.log(answer));
    console.log(`connected to ${socket.remotePort}`);
    await once(socket, 'close');
  } catch (error) {
    console.error(error);
    await delay(100);
  }
  questions.off('line', ask);
}
