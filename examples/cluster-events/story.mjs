const service = new URL('./service.mjs', import.meta.url);
const eventsOfEach = 4;

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  stage.scene('Three instances subscribe. Any of them knows who listens, and what they said of themselves.');
  const all = await stage.startAll(service, ['a', 'b', 'c']);
  const [a, b, c] = all;
  const subscribed = (await a.ask('who', /^subscribed: (.*)$/))[1];

  stage.scene('All of them publish at the same time: all hear everything in one order.');
  for (let n = 1; n <= eventsOfEach; n++) for (const member of all) member.tell(`publish ${member.id}.${n}`);
  await Promise.all(all.map((member) => member.says(/^delivered .* to a b c$/, eventsOfEach)));
  const heard = all.map(({ lines }) => lines.filter((line) => line.startsWith('deployed')));

  stage.scene('A notice goes straight to the others, past the log.');
  b.tell('notify hello');
  await Promise.all(all.map((member) => member.says(/^greeted by b: hello/)));

  stage.scene('One is killed (SIGKILL), and is not waited for any longer than it takes to remove it.');
  await c.kill();
  const [, deliveredTo] = await a.ask('publish 2.0.0', /^delivered 2\.0\.0 to (.*)$/);
  await Promise.all([a, b].map((member) => member.says(/^c hears of deployed no more/)));
  const left = (await b.ask('who', /^subscribed: (.*)$/))[1];

  return { subscribed, heard, deliveredTo, left };
}
