// One instance of a service, of which only the leader runs a task: every half second, each run once in the whole service.
//   node service.mjs a 7101 127.0.0.1:7102 127.0.0.1:7103
import { tcp } from '@hamok/transport/tcp';
import { Hamok } from 'hamok';

const [id = 'a', port = '7101', ...others] = process.argv.slice(2);
const transport = tcp({ port: Number(port), peers: others });
const hamok = new Hamok({ peerId: id, expectedPeers: 3, transport });
hamok.once('started', () => console.log(`listens on ${transport.address?.port}`));
hamok.on('error', (error) => console.error(error.message));
process.once('SIGINT', () => hamok.close().then(() => process.exit()));

/** @type {import('hamok').HamokMap<number, { by: string, term: number }>} */
const runs = hamok.createMap({ mapId: 'runs' });

/** An instance that was paused or cut off leads no more, and does not know yet: two may come here at one time. */
async function run() {
  const number = runs.size + 1;
  const term = hamok.raft?.term ?? 0;
  try {
    // Whoever inserts it runs it: of two, one finds the other's entry. A later leader has a higher term: hand it along to what
    // the task writes to outside of the grid, which can refuse a lower one than it has seen.
    const taken = await runs.insert(number, { by: id, term });
    if (taken === undefined) console.log(`run ${number} in term ${term}`);
    else console.log(`no run ${number}: ${taken.by} ran it in term ${taken.term}`);
  } catch (error) {
    console.error(error); // not the leader any more, or no majority
  }
}

/** @type {NodeJS.Timeout | undefined} */
let timer;
hamok.on('state-changed', (state, previous) => {
  clearInterval(timer);
  if (state === 'leader') timer = setInterval(run, 500);
  if (state === 'leader') console.log('leads');
  else if (previous === 'leader') console.log('leads no more');
});

await hamok.join({ maxRetry: -1 });
console.log('ready');
