import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { iso6393 } from 'iso-639-3';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const longestInMs = 105_000;

const start = (...args) => spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

async function run(...args) {
  const child = start(...args);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output.err += text));
  const [code] = await once(child, 'close');
  return { code, ...output };
}

function checkFigures({ ok, problems, elapsedInMs, figures }, members) {
  assert.ok(ok);
  assert.deepEqual(problems, []);
  assert.ok(elapsedInMs > 0 && elapsedInMs < longestInMs);
  assert.equal(figures.members, members);
  assert.equal(figures.dataset.entries, iso6393.length);
  checkContent(figures);
  checkRestarts(figures);
  const { failover, killed, writes, commitLatency, throughput } = figures;
  assert.ok(failover.newLeaderInMs > 0 && failover.firstWriteInMs >= failover.newLeaderInMs);
  assert.ok(killed.acknowledgedWrites > 0 && killed.entriesLeftToOthers > 0, 'it was not killed in the midst of it');
  assert.equal(writes.loaded, iso6393.length);
  for (const latency of Object.values(commitLatency)) {
    assert.equal(latency.samples, 1000);
    assert.ok(latency.p50InMs > 0 && latency.p50InMs <= latency.p99InMs);
  }
  assert.ok(throughput.setsPerSecond * throughput.seconds < writes.measured);
  assert.ok(throughput.setsPerSecond > 0);
  assert.equal(throughput.inFlight, 1024);
}

function checkContent({ content, members, killed, rollingRestart }) {
  const inJournal = rollingRestart.steps.reduce((sum, { writes }) => sum + writes, 0);
  for (const [held, journalSize] of [
    [content.afterReturn, 0],
    [content.afterRollingRestart, inJournal],
  ]) {
    assert.deepEqual(
      held.map(({ id }) => id),
      idsOf(members),
    );
    assert.equal(held.filter(({ role }) => role === 'leader').length, 1);
    for (const { maps } of held) {
      assert.deepEqual(maps, held[0].maps);
      const [languages, measurements, journal] = maps;
      assert.deepEqual([languages.id, languages.size], ['languages', iso6393.length]);
      assert.equal(measurements.id, 'measurements');
      assert.deepEqual([journal.id, journal.size], ['journal', journalSize]);
      assert.match(languages.hash, /^[0-9a-f]{64}$/);
    }
  }
  for (const { id, insertsWatched } of content.afterReturn) {
    if (id !== killed.id) assert.equal(insertsWatched, iso6393.length, 'each insert is seen once');
  }
}

function checkRestarts({ returned, killed, members, rollingRestart }) {
  assert.equal(returned.id, killed.id);
  assert.ok(returned.joinedInMs > 0);
  const { steps, elapsedInMs } = rollingRestart;
  assert.deepEqual(
    steps.map(({ id }) => id),
    idsOf(members),
  );
  assert.ok(elapsedInMs > steps.reduce((sum, { joinedInMs }) => sum + joinedInMs, 0), 'one after another');
  for (const { id, writer, writes, joinedInMs, longestWaitInMs } of steps) {
    assert.notEqual(writer, id);
    assert.ok(writes > 0 && joinedInMs > 0 && longestWaitInMs > 0);
  }
}

const idsOf = (members) => ['a', 'b', 'c', 'd', 'e'].slice(0, members);

test('three members: the figures in one JSON document', { timeout: longestInMs }, async () => {
  const { code, out, err } = await run('--json', '--seconds', '1');
  assert.equal(code, 0, `${out}${err}`);
  assert.equal(err, '');
  checkFigures(JSON.parse(out), 3);
});

test('five members', { timeout: longestInMs }, async () => {
  const { code, out, err } = await run('--json', '--seconds', '1', '--members', '5');
  assert.equal(code, 0, `${out}${err}`);
  checkFigures(JSON.parse(out), 5);
});

test('help, and arguments that make no sense', async () => {
  const help = await run('--help');
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /--members N/);
  const wrong = await run('--members', 'many', '--json');
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.err, /--members must be 3 or 5, not "many"/);
});

for (const signal of ['SIGINT', 'SIGKILL']) {
  test(`${signal} to the main process leaves no member behind`, { timeout: longestInMs }, async () => {
    const main = start();
    // Its first line: the grid is formed.
    await once(main.stdout, 'data');
    const members = childrenOf(main.pid);
    assert.equal(members.length, 3);
    main.kill(signal);
    await once(main, 'exit');
    while (members.some(isAlive)) await delay(20);
  });
}

function childrenOf(parent) {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.filter(([, ppid]) => ppid === parent).map(([pid]) => pid);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
