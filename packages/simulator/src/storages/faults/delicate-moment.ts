import { HamokMessage, MessageType } from '@hamok/messages';
import type { SeededRandom } from '../../random.js';
import type { StoragesWorld, Taker } from '../storages-world.js';
import { fell, replace } from './crashes.js';
import type { StorageFault } from './storage-fault.js';

/** When a crash may cost most: what a member is saying then, and only some hear. */
const moments: Record<string, (message: HamokMessage) => boolean> = {
  'telling of copies': ({ type }) => type === MessageType.UPDATE_ENTRIES_NOTIFICATION,
  'telling of keys': ({ type }) => type === MessageType.INSERT_ENTRIES_NOTIFICATION,
  'telling of what it deleted': ({ type }) => type === MessageType.DELETE_ENTRIES_NOTIFICATION,
  'telling of those who left': ({ type }) => type === MessageType.REMOVE_ENTRIES_NOTIFICATION,
  'having restored': ({ type, success }) => type === MessageType.ENTRIES_INSERTED_NOTIFICATION && success !== true,
  'having told everything': ({ type, lastMessage }) =>
    type === MessageType.STORAGE_STATE_NOTIFICATION && lastMessage !== true,
  answering: ({ type }) => type === MessageType.GET_ENTRIES_RESPONSE,
};

/** The next member that comes to say something of that kind crashes as it does. */
export const delicateMoment: StorageFault = {
  name: 'crash at a delicate moment',
  inject(world, random) {
    const moment = random.pick(Object.keys(moments)) ?? '';
    let victim: Taker | undefined;
    const watch = (from: string, frame: Uint8Array): void => {
      if (victim !== undefined) return;
      const message = delicateIn(moment, frame);
      if (message === undefined) return;
      const taker = world.running.find(({ host }) => host.id === from);
      if (taker === undefined || !world.mayGo(taker)) return;
      victim = taker;
      world.note(() => `${from} is ${moment}, and not all hear it`);
      world.attend(message.keys);
      const deaf = random.pick([0.2, 0.5]) ?? 0.5;
      for (const { host } of world.living) if (random.chance(deaf)) world.network.cut(from, host.id);
      crashSoon(world, random, taker);
    };
    world.network.watchers.add(watch);
    return { after: random.between(500, 3000), run: () => world.network.watchers.delete(watch) };
  },
};

function crashSoon(world: StoragesWorld, random: SeededRandom, taker: Taker): void {
  world.later(random.pick([0, 1, 20, random.between(20, 1500)]) ?? 0, () => {
    if (taker.host.status === 'dead') return;
    fell(world, taker);
    world.later(random.between(0, 1000), () => replace(world, random, taker));
  });
}

function delicateIn(moment: string, frame: Uint8Array): HamokMessage | undefined {
  const messages = HamokMessage.fromBinary(frame).entries.map((entry) => HamokMessage.fromBinary(entry));
  return messages.find((message) => moments[moment]?.(message));
}
