import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { play } from '@hamok/example-stage';

const program = new URL('./test/member.mjs', import.meta.url);

test('what processes print is heard, in time or late, by each and by all', async () => {
  /** @type {string[]} */
  const printed = [];
  await play(
    async (stage) => {
      const [a, b] = await stage.startAll(program, ['a', 'b']);
      const [, own] = await a.ask('one', /^process (\d+) was told one$/);
      a.tell('two');
      b.tell('two');
      await stage.says(/ process \d+ was told two$/, 2);
      const [, other] = await b.says(/^process (\d+)/);
      assert.notEqual(own, other);
      assert.equal(await a.end(), null, 'it does not listen to SIGINT');
      assert.equal(a.alive, false);
      assert.deepEqual(b.lines, ['listens on 1', 'ready', `process ${other} was told two`]);
    },
    { print: (line) => printed.push(line) },
  );
  assert.equal(printed.filter((line) => /^ {2}[ab] {2}ready$/.test(line)).length, 2);
});

test('a process that ends by itself fails the story, which says what it had printed', async () => {
  const story = play(async (stage) => {
    const [a, b] = await stage.startAll(program, ['a', 'b']);
    a.tell('die');
    await b.says(/^never/);
  });
  await assert.rejects(
    story,
    /never.* was waited for: a ended \(exit code 3\), and had printed:\nlistens on 1\nready\nit had to die/s,
  );
});

test('a story that takes too long fails, and says what it waited for', async () => {
  const story = play(
    async (stage) => {
      const a = await stage.start(program, 'a');
      await a.says(/^never/);
    },
    { longestInMs: 2000 },
  );
  await assert.rejects(
    story,
    /was waited for: the story did not end within 2000 ms, and was last heard to say:\n[\d.]+ s: a listens on 1\n[\d.]+ s: a ready$/,
  );
});

test('SIGKILL to who plays leaves no process behind', async () => {
  const player = spawn(process.execPath, [fileURLToPath(new URL('./test/player.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: player.stdout })) {
    const [, pid] = line.match(/process (\d+) was told to wait/) ?? [];
    if (pid === undefined) continue;
    player.kill('SIGKILL');
    await once(player, 'exit');
    while (isAlive(Number(pid))) await delay(20);
    return;
  }
  assert.fail('it ended before its member was told');
});

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
