const service = new URL('./service.mjs', import.meta.url);
const isRun = /^(\w) run (\d+) in term (\d+)$/;

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  const runs = () => stage.lines.flatMap(runIn);
  /** Resolves with the first run that someone else does from now on. @param {string} [than] */
  const runBySomeoneElse = async (than) => {
    for (let count = runs().length + 1; ; count++) {
      await stage.says(isRun, count);
      const run = runs()[count - 1];
      if (run && run.by !== than) return run;
    }
  };

  stage.scene('Three instances begin, and elect one of them: it runs the task.');
  const members = await stage.startAll(service, ['a', 'b', 'c']);
  const first = await runBySomeoneElse();
  const killed = members.find(({ id }) => id === first.by);

  stage.scene('It is killed (SIGKILL): another one goes on.');
  await killed?.kill();
  const second = await runBySomeoneElse(first.by);
  const paused = members.find(({ id }) => id === second.by);

  stage.scene('The killed one comes back.');
  await stage.start(service, first.by);

  stage.scene('The leader stands still (SIGSTOP): yet another one goes on.');
  paused?.pause();
  const third = await runBySomeoneElse(second.by);

  stage.scene(
    'It wakes up (SIGCONT) and may still take itself for the leader, with the runs that it knows of: none is done twice.',
  );
  paused?.resume();
  await paused?.says(/^leads no more/);
  await runBySomeoneElse(second.by);
  return { successions: [first, second, third], runs: runs() };
}

/** @param {string} line */
function runIn(line) {
  const [, by, number, term] = line.match(isRun) ?? [];
  return by === undefined ? [] : [{ by, number: Number(number), term: Number(term) }];
}
