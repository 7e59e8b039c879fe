const service = new URL('./service.mjs', import.meta.url);

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  stage.scene('Three processes begin. Each sees who is there.');
  const [a, b, c] = await stage.startAll(service, ['a', 'b', 'c']);
  const all = [a, b, c];
  await Promise.all(all.flatMap((seer) => all.map(({ id }) => seer.says(new RegExp(`^${id} is there`)))));

  stage.scene('One is killed (SIGKILL): it expires, at the same place of the log for all that are left.');
  await c.kill();
  await Promise.all([a, b].map((seer) => seer.says(/^c expired/)));

  stage.scene('It comes back.');
  const returned = await stage.start(service, 'c');
  await Promise.all([a, b].map((seer) => seer.says(/^c is there/, 2)));

  stage.scene('Another one leaves (SIGINT), and is not waited for.');
  const exitCode = await b.end();
  await Promise.all([a, returned].map((seer) => seer.says(/^b has left/)));
  const [seenByA = [], seenByB = []] = [a, b].map(({ lines }) => lines.flatMap(changeIn));
  return { seenByA, seenByB, exitCode };
}

/**
 * Without the ids of processes, which no two runs share.
 *
 * @param {string} line
 */
function changeIn(line) {
  const [change] = line.match(/^\w (is there|has left|expired)/) ?? [];
  return change === undefined ? [] : [change];
}
