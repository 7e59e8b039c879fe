// Kills members of a grid on disks with SIGKILL, one, two or all at a time, while they write, compact and install snapshots, and counts
// after each round that everything acknowledged is there, on every member. Now and then it empties the disk of one.
// usage: node run.mjs [--rounds 300] [--seconds S] [--seed 1] [--directory DIR], after a build; it ends with the rounds, or after S seconds
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fillDisk } from './full-disk.mjs';
import { Ledger } from './ledger.mjs';
import { freePorts, Members } from './members.mjs';

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
await mkdir(root, { recursive: true });
const ids = ['a', 'b', 'c'];
/** For so long nothing may be applied or answered by a member that is waited for, and so long a member may take that goes on. */
const patienceInMs = 120_000;
const patienceAtAllInMs = 900_000;

let state = Math.imul(Number(values.seed) + 1, 0x9e3779b1) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const pick = (list) => list[Math.floor(random() * list.length)];

const ledger = new Ledger();
const identities = new Map();
/** Those whose disk was emptied, until they are back. */
const emptied = new Set();
const counts = { kills: 0, wholeGrid: 0, duringInstall: 0, installs: 0, emptied: 0 };
/** Called with a member that is about to be sent a snapshot. */
let onInstall = () => {};

const members = new Members({
  root,
  ports: await freePorts(ids),
  /** That each member writes, all at a time. */
  keys: 8,
  durability: 'always',
  on: {
    message: onMessage,
    died: ({ id }, how) => void fail(`${id} ended by itself: ${how}`),
  },
});

const handlers = {
  issued: (_, { key, value }) => ledger.issue(key, value),
  acknowledged: (_, { key, value }) => ledger.acknowledge(key, value),
  joined: ({ id }, { member }) => {
    const before = identities.get(id);
    const isAnother = before !== undefined && before !== member;
    if (isAnother !== emptied.delete(id)) void fail(`${before} came back as ${member}`);
    identities.set(id, member);
  },
  error: ({ id }, { code, text }) => {
    if (!harmless.has(code)) void fail(`${id}: ${text}`);
  },
  unsynced: (_, { id }) => {
    counts.installs++;
    onInstall(id);
  },
};

function onMessage(member, message) {
  handlers[message.type]?.(member, message);
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
  if (members.kill(id)) counts.kills++;
}

function report() {
  const { kills, wholeGrid, installs, duringInstall, emptied: disks } = counts;
  console.log(
    `round ${round}: ${ledger.acknowledged} acknowledged, all there; ${kills} kills, ${wholeGrid} times the whole grid, ${installs} snapshots sent, ${duringInstall} kills while one came, ${disks} disks emptied`,
  );
}

let failing = false;

/** Never resolves: the run ends. */
async function fail(why) {
  if (failing) return await new Promise(() => {});
  failing = true;
  console.error(`FAILED (seed ${values.seed}, round ${round}, files in ${root}): ${why}`);
  console.error(await members.describe());
  for (const { child } of members.all) child.kill('SIGKILL');
  process.exit(1);
}

/** Waits for something of a member as long as that goes on, however slow the machine is. */
async function within(promise, member, what) {
  const from = Date.now();
  let at = from;
  let { applied } = member;
  const watch = setInterval(() => {
    const now = Date.now();
    if (member.applied > applied) at = now;
    applied = member.applied;
    if (now - at > patienceInMs) void fail(`waiting for ${member.id} ${what}: no progress for ${now - at} ms`);
    if (now - from > patienceAtAllInMs) void fail(`waiting for ${member.id} ${what}: not done after ${now - from} ms`);
  }, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(watch);
  }
}

/** Those that are killed meanwhile are not waited for. */
async function untilJoined() {
  await Promise.all(
    members.all.map((member) =>
      within(
        member.joined.catch(() => {}),
        member,
        'to join',
      ),
    ),
  );
}

async function restartDead() {
  for (const member of members.all.sort(() => random() - 0.5)) {
    if (!member.dead) continue;
    await member.exited;
    members.start(member.id, round);
    await sleep(random() < 0.9 ? random() * 50 : random() * 1500);
  }
}

/** Everything acknowledged is on every member, and nothing is there that nobody wrote. */
async function check() {
  const promised = ledger.promised();
  for (const member of members.all) {
    const { entries } = await within(members.ask(member, 'dump'), member, 'to tell what it holds');
    const contradiction = ledger.contradiction(promised, new Map(entries));
    if (contradiction !== undefined) await fail(`${member.id} has ${contradiction}`);
  }
}

/** One is away for so long that it needs a snapshot, and is killed again while that comes. */
async function killWhileInstalling() {
  const id = pick(ids);
  kill(id);
  await sleep(600);
  let timer;
  const killed = new Promise((resolve) => {
    onInstall = (behind) => {
      if (behind !== id) return;
      onInstall = () => {};
      timer = setTimeout(() => {
        counts.duringInstall++;
        kill(id);
        resolve();
      }, random() * 40);
    };
  });
  await restartDead();
  const member = members.get(id);
  await within(Promise.race([killed, member.joined.catch(() => {})]), member, 'to come back');
  // It was faster than the kill.
  clearTimeout(timer);
  onInstall = () => {};
}

/** It comes back as another, which counts for nothing before it has joined. */
async function emptyOne() {
  const id = pick(ids);
  kill(id);
  await members.get(id).exited;
  await rm(join(root, id), { recursive: true });
  emptied.add(id);
  counts.emptied++;
}

async function killSome() {
  const kind = random();
  if (kind < 0.05) await emptyOne();
  else if (kind < 0.3) kill(pick(ids));
  else if (kind < 0.5) {
    const spared = pick(ids);
    for (const id of ids) if (id !== spared) kill(id);
  } else if (kind < 0.75) {
    counts.wholeGrid++;
    for (const id of ids) {
      kill(id);
      if (random() < 0.5) await sleep(random() * 20);
    }
  } else await killWhileInstalling();
}

let round = 0;
if (process.platform !== 'win32') console.log(fillDisk(root));
const from = Date.now();
const elapsed = () => (Date.now() - from) / 1000;
for (const id of ids) members.start(id, round);
await untilJoined();
while (round < rounds && elapsed() < Number(values.seconds)) {
  round++;
  await sleep(50 + random() * 250);
  await killSome();
  await restartDead();
  await untilJoined();
  await restartDead();
  await untilJoined();
  await check();
  if (round % 10 === 0) report();
}
report();
for (const member of members.all) {
  members.kill(member.id);
  await member.exited;
}
await rm(root, { recursive: true });
console.log(`${round} rounds in ${Math.round(elapsed())} s, nothing lost`);
process.exit(0);
