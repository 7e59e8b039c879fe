const service = new URL('./service.mjs', import.meta.url);
const leads = /^(\w) leads term (\d+)$/;

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  const elections = () => stage.lines.filter((line) => leads.test(line)).length;
  /** Resolves with the next one who is elected, its work begun. @param {number} since so many elections @param {string} [otherThan] */
  const elected = async (since, otherThan) => {
    for (let count = since + 1; ; count++) {
      const [, id = '', term] = await stage.says(leads, count);
      if (id === otherThan) continue;
      await stage.says(new RegExp(`^${id} does the leader's work`));
      return { id, term: Number(term) };
    }
  };

  stage.scene('Three instances begin, and elect a leader.');
  const members = new Map((await stage.startAll(service, ['a', 'b', 'c'])).map((member) => [member.id, member]));
  const first = await elected(0);

  stage.scene('It is killed (SIGKILL): the others elect another one, which does the work.');
  let before = elections();
  await members.get(first.id)?.kill();
  const second = await elected(before, first.id);

  stage.scene('It comes back, and follows.');
  members.set(first.id, await stage.start(service, first.id));
  await members.get(first.id)?.says(/^follows \w$/);

  stage.scene('The leader ends (SIGINT): it hands over before it leaves.');
  before = elections();
  const exitCode = await members.get(second.id)?.end();
  const third = await elected(before, second.id);
  return { leaders: [first, second, third], exitCode };
}
