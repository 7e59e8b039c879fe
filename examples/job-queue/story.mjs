const service = new URL('./service.mjs', import.meta.url);
/** So slow that it is killed, and paused, in the midst of a job. */
const slow = { env: { WORK_IN_MS: '3000' } };

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  /** @type {string[]} */
  const jobs = [];

  stage.scene('Three workers begin, one of them slow.');
  const [a, b, c] = await stage.startAll(service, ['a', 'b', 'c'], { c: slow });

  /** Pushes one job after another, until that worker has one. Resolves with it. @param {typeof a} worker */
  const occupy = async (worker) => {
    for (;;) {
      const job = `job-${jobs.length + 1}`;
      jobs.push(job);
      a.tell(job);
      const [, taker] = await stage.says(new RegExp(`^(\\w) ${job}: begun`));
      if (taker === worker.id) return job;
    }
  };
  const done = () => Promise.all(jobs.map((job) => stage.says(new RegExp(`^\\w ${job}: done`))));

  stage.scene('The slow one is killed (SIGKILL) in the midst of a job: another one does it.');
  const interrupted = await occupy(c);
  await c.kill();
  await done();

  stage.scene('It comes back, and stands still (SIGSTOP) in the midst of a job, which another one does meanwhile.');
  const paused = await stage.start(service, 'c', slow);
  const doubled = await occupy(paused);
  paused.pause();
  await done();

  stage.scene('It goes on (SIGCONT), and works to the end: twice worked on, once counted.');
  paused.resume();
  await paused.says(new RegExp(`^${doubled}: had been done by [ab], and taken from here`));

  stage.scene('A job that always fails becomes a dead letter.');
  b.tell('broken-job');
  await Promise.all([a, b, paused].map((worker) => worker.says(/^broken-job: given up after 3 deliveries/)));

  /** @param {string} job @param {string} what */
  const times = (job, what) => stage.lines.filter((line) => line.slice(2).startsWith(`${job}: ${what}`)).length;
  return {
    interrupted,
    doubled,
    jobs: jobs.map((job) => ({ job, worked: times(job, 'worked on'), done: times(job, 'done') })),
  };
}
