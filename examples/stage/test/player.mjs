// Plays a story that does not end.
import { play } from '@hamok/example-stage';

await play(
  async (stage) => {
    const member = await stage.start(new URL('./member.mjs', import.meta.url), 'a');
    await member.ask('to wait', /told to wait/);
    await member.says(/^never/);
  },
  { print: console.log },
);
