import type { SeededRandom } from '../../random.js';
import type { Expiry } from '../invariants/expiry.js';
import { eventually } from '../liveness/eventually.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { follow } from './calls.js';
import type { Client } from './client.js';
import { endingMapOf, keys } from './collections.js';
import type { Values } from './values.js';

const shortest = 200;
const longest = 6000;
const mix = ['set', 'set', 'set', 'insert', 'touch', 'delete'] as const;

/** Sets entries that end by themselves, and puts their ends off: never early, and in the end all of them. */
export class EndingMapClient implements Client {
  readonly weight = 1;

  constructor(
    private readonly values: Values,
    private readonly expiry: Expiry,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const map = endingMapOf(process);
    const key = random.pick(keys) ?? '';
    const ttlInMs = Math.ceil(random.between(shortest, longest));
    const type = random.pick(mix) ?? 'set';
    if (type === 'touch') return follow(process, `ending touch(${key}, ${ttlInMs})`, map.touch(key, ttlInMs));
    if (type === 'delete') return follow(process, `ending delete(${key})`, map.delete(key));
    const value = this.values.next();
    this.expiry.promised(value, ttlInMs);
    const call = type === 'set' ? map.set(key, value, { ttlInMs }) : map.insert(key, value, { ttlInMs });
    return follow(process, `ending ${type}(${key}, ${value}, ${ttlInMs})`, call, { value });
  }

  async settle(world: World): Promise<void> {
    await eventually(world, 'entries that ended are gone', 10, () => {
      const left = world.running.find((process) => endingMapOf(process).size > 0);
      return left && `${left.name} holds ${endingMapOf(left).size}`;
    });
  }
}
