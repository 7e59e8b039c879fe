const service = new URL('./service.mjs', import.meta.url);
const changesOfEach = 4;

/** @param {import('@hamok/example-stage').Stage} stage */
export async function story(stage) {
  stage.scene('Three instances begin: the first one brings what is there at the start.');
  const members = await stage.startAll(service, ['a', 'b', 'c']);

  stage.scene('Each of them changes the same field, all at the same time.');
  for (let n = 1; n <= changesOfEach; n++) for (const member of members) member.tell(`limit ${member.id}${n}`);
  for (const member of members) member.tell(`done-by-${member.id} yes`);
  await Promise.all(
    members.flatMap((member) => members.map((other) => member.says(new RegExp(`^done-by-${other.id} = yes`)))),
  );

  stage.scene('Another one comes late, and finds what the others agreed on.');
  const latecomer = await stage.start(service, 'd');

  stage.scene('It changes something too.');
  latecomer.tell('level debug');
  const all = [...members, latecomer];
  await Promise.all(all.map((member) => member.says(/^level = debug/)));
  const contents = await Promise.all(all.map(async (member) => (await member.ask('', /^\{.*\}$/))[0]));
  return {
    changes: members.map(({ lines }) => lines.filter((line) => line.startsWith('limit = '))),
    contents,
  };
}
