// Kills members of a grid on disks with SIGKILL, one, two or all at a time, while they write, compact and install snapshots, and counts
// after each round that everything acknowledged is there, on every member.
// usage: node run.mjs [--rounds 300] [--seconds S] [--seed 1] [--directory DIR], after a build; it ends with the rounds, or after S seconds
import { execFileSync, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    directory: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const root = values.directory ?? (await mkdtemp(join(tmpdir(), 'hamok-crash-')));
const ids = ['a', 'b', 'c'];
/** Keys that each member writes, all at a time. */
const keys = 8;
const patienceInMs = 120_000;

let state = Math.imul(Number(values.seed) + 1, 0x9e3779b1) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePorts() {
  const servers = await Promise.all(
    ids.map(
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = Object.fromEntries(ids.map((id, i) => [id, servers[i].address().port]));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const ports = await freePorts();
/** By key: the highest value that was given to the grid, and that was acknowledged. */
const issued = new Map();
const acknowledged = new Map();
const members = new Map();
const identities = new Map();
const counts = { acknowledged: 0, kills: 0, wholeGrid: 0, duringInstall: 0, installs: 0 };
/** Called with a member that is about to be sent a snapshot. */
let onInstall = () => {};

function start(id, round) {
  const options = { peerId: id, ports, directory: join(root, id), keys, round, durability: 'always' };
  const child = fork(join(import.meta.dirname, 'member.mjs'), [JSON.stringify(options)]);
  const member = { id, child, dumps: new Map(), dead: false };
  member.exited = new Promise((resolve) => child.once('exit', resolve));
  member.joined = new Promise((resolve, reject) => {
    member.onJoined = resolve;
    child.once('exit', (code, signal) => {
      if (!member.dead) fail(`${id} ended by itself: ${code ?? signal}`);
      reject(new Error('killed'));
    });
  });
  member.joined.catch(() => {});
  child.on('message', (message) => onMessage(member, message));
  members.set(id, member);
}

function onMessage(member, message) {
  if (message.type === 'issued') issued.set(message.key, message.value);
  if (message.type === 'acknowledged') {
    acknowledged.set(message.key, message.value);
    counts.acknowledged++;
  }
  if (message.type === 'joined') {
    const before = identities.get(member.id);
    if (before !== undefined && before !== message.member) fail(`${before} came back as ${message.member}`);
    identities.set(member.id, message.member);
    member.onJoined();
  }
  if (message.type === 'error' && !harmless.has(message.code))
    fail(`${member.id}: ${message.code}: ${message.message}`);
  if (message.type === 'dump') member.dumps.get(message.id)?.(message);
  if (message.type === 'unsynced') {
    counts.installs++;
    onInstall(message.id);
  }
}

/** What sockets of the killed say. */
const harmless = new Set([
  'connect-failed',
  'connection-lost',
  'handshake-failed',
  'handshake-timeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
]);

function kill(id) {
  const member = members.get(id);
  if (member.dead) return;
  member.dead = true;
  counts.kills++;
  member.child.kill('SIGKILL');
}

function report() {
  const { acknowledged: count, kills, wholeGrid, installs, duringInstall } = counts;
  console.log(
    `round ${round}: ${count} acknowledged, all there; ${kills} kills, ${wholeGrid} times the whole grid, ${installs} snapshots sent, ${duringInstall} kills while one came`,
  );
}

function fail(why) {
  console.error(`FAILED (seed ${values.seed}, files in ${root}): ${why}`);
  for (const { child } of members.values()) child.kill('SIGKILL');
  process.exit(1);
}

async function within(promise, what) {
  const timer = setTimeout(() => fail(`${what} took longer than ${patienceInMs} ms`), patienceInMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function restartDead(round) {
  for (const member of [...members.values()].sort(() => random() - 0.5)) {
    if (!member.dead) continue;
    await member.exited;
    start(member.id, round);
    await sleep(random() * 50);
  }
}

function dump(member) {
  const id = random();
  return within(
    new Promise((resolve) => {
      member.dumps.set(id, resolve);
      member.child.send({ type: 'dump', id });
    }),
    `asking ${member.id}`,
  );
}

/** Everything acknowledged is on every member, and nothing is there that nobody wrote. */
async function check(round) {
  const promised = new Map(acknowledged);
  for (const member of members.values()) {
    const { entries } = await dump(member);
    const held = new Map(entries);
    for (const [key, value] of promised) {
      if (!((held.get(key) ?? -1) >= value))
        fail(`round ${round}: ${member.id} has ${held.get(key)} for ${key}, and ${value} was acknowledged`);
    }
    for (const [key, value] of held) {
      if (value > (issued.get(key) ?? -1))
        fail(`round ${round}: ${member.id} has ${value} for ${key}, which nobody wrote`);
    }
  }
}

/** A limit on the size of files is a disk that is full: the member stops and says so, and what it acknowledged is there later. */
function fillDisk() {
  if (process.platform === 'win32') return;
  const script = join(import.meta.dirname, 'limited.mjs');
  const directory = join(root, 'limited');
  const limited = `ulimit -f 200; exec "${process.execPath}" "${script}" "${directory}" 1000`;
  const full = JSON.parse(execFileSync('sh', ['-c', limited], { encoding: 'utf8' }));
  if (full.refusal === undefined || !full.errors.includes('log-failed'))
    fail(`a full disk went unnoticed: ${JSON.stringify(full)}`);
  const after = JSON.parse(execFileSync(process.execPath, [script, directory, '0'], { encoding: 'utf8' }));
  if (after.held < full.acknowledged)
    fail(`${after.held} are there of ${full.acknowledged} that a full disk had acknowledged`);
  console.log(
    `a limit on the size of files: ${full.acknowledged} acknowledged, then ${full.errors}; ${after.held} are there later`,
  );
}

fillDisk();
const from = Date.now();
const elapsed = () => (Date.now() - from) / 1000;
let round = 0;
for (const id of ids) start(id, 0);
await within(Promise.all([...members.values()].map(({ joined }) => joined)), 'the start');
while (round < rounds && elapsed() < Number(values.seconds)) {
  round++;
  await sleep(50 + random() * 250);
  const kind = random();
  if (kind < 0.3) kill(pick(ids));
  else if (kind < 0.5) {
    const spared = pick(ids);
    for (const id of ids) if (id !== spared) kill(id);
  } else if (kind < 0.75) {
    counts.wholeGrid++;
    for (const id of ids) {
      kill(id);
      if (random() < 0.5) await sleep(random() * 20);
    }
  } else {
    // One is away for so long that it needs a snapshot, and is killed again while that comes.
    const id = pick(ids);
    kill(id);
    await sleep(600);
    const killed = new Promise((resolve) => {
      onInstall = (behind) => {
        if (behind !== id) return;
        onInstall = () => {};
        setTimeout(() => {
          counts.duringInstall++;
          kill(id);
          resolve();
        }, random() * 40);
      };
    });
    await restartDead(round);
    await within(Promise.race([killed, members.get(id).joined.catch(() => {})]), `round ${round}: coming back`);
    onInstall = () => {};
  }
  await restartDead(round);
  await within(
    Promise.all([...members.values()].map(({ joined }) => joined.catch(() => {}))),
    `round ${round}: joining`,
  );
  if ([...members.values()].some(({ dead }) => dead)) await restartDead(round);
  await within(Promise.all([...members.values()].map(({ joined }) => joined)), `round ${round}: joining again`);
  await check(round);
  if (round % 10 === 0) report();
}
report();
for (const member of members.values()) {
  kill(member.id);
  await member.exited;
}
await rm(root, { recursive: true });
console.log(`${round} rounds in ${Math.round(elapsed())} s, nothing lost`);
process.exit(0);
