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

/** Sets entries that end by themselves: never early, and in the end all of them. */
export class EndingMapClient implements Client {
  readonly weight = 1;

  constructor(
    private readonly values: Values,
    private readonly expiry: Expiry,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    const [key, value] = [random.pick(keys) ?? '', this.values.next()];
    const ttlInMs = Math.ceil(random.between(shortest, longest));
    this.expiry.promised(value, ttlInMs);
    const call = endingMapOf(process).set(key, value, { ttlInMs });
    return follow(process, `ending set(${key}, ${value}, ${ttlInMs})`, call, { value });
  }

  async settle(world: World): Promise<void> {
    await eventually(world, 'entries that ended are gone', 10, () => {
      const left = world.running.find((process) => endingMapOf(process).size > 0);
      return left && `${left.name} holds ${endingMapOf(left).size}`;
    });
  }
}
