import type { HeldItem } from 'hamok';
import type { SeededRandom } from '../../random.js';
import type { Holds } from '../invariants/holds.js';
import type { Offers } from '../invariants/offers.js';
import { eventually } from '../liveness/eventually.js';
import type { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { follow } from './calls.js';
import type { Client } from './client.js';
import { worksOf } from './collections.js';
import { leave } from './leaving.js';
import { patience } from './patience.js';
import { served } from './served.js';
import type { Values } from './values.js';

const visibilityTimeouts = [300, 2000, 10_000];
const mostRetries = 3;

/** Pushes items that are not to be lost, with ids that make retries safe; takes them, and acknowledges, gives back, holds longer, or forgets. */
export class WorksClient implements Client {
  readonly weight = 2;

  constructor(
    private readonly values: Values,
    private readonly holds: Holds,
    private readonly offers: Offers,
  ) {}

  call(process: Process, random: SeededRandom): Promise<unknown> {
    return random.chance(0.4) ? this.#push(process, random) : this.#take(process, random);
  }

  async settle(world: World): Promise<void> {
    for (const process of world.running) {
      const works = worksOf(process);
      this.holds.account([...works.export().values.map((value): string => JSON.parse(value)), ...works.deadLetters()]);
    }
    await this.#takeAndLeave(world);
  }

  /** What somebody holds who leaves is offered again, though nobody writes. */
  async #takeAndLeave(world: World): Promise<void> {
    const leaver = world.running.find(({ leads }) => !leads);
    const other = world.running.find((process) => process !== leaver);
    if (!leaver || !other || world.running.length < 3) return;
    const item = this.values.next();
    await served(other, 'push', follow(other, `works push(${item})`, worksOf(other).push(item)));
    const taking = shown(worksOf(leaver).take({ visibilityTimeoutInMs: 600_000, wait: false }));
    const taken = await served(leaver, 'take', follow(leaver, 'works take(600000)', taking));
    // Somebody who waited may have been quicker.
    if (!taken) return;
    await served(leaver, 'leave', leave(leaver));
    world.remains(leaver);
    const isBack = (): boolean => [...worksOf(other), ...worksOf(other).deadLetters()].includes(taken.held.item);
    await eventually(world, 'what was held is offered again', 3, () => (isBack() ? undefined : taken.held.item));
    leaver.start();
  }

  /** Until it is known to be there: whatever happened before, it is there once. */
  async #push(process: Process, random: SeededRandom): Promise<void> {
    const works = worksOf(process);
    const item = this.values.next();
    const delayInMs = random.chance(0.3) ? random.integer(1500) : 0;
    this.offers.pushing(item, delayInMs, this.holds.asked(process));
    for (let attempt = 0; attempt < mostRetries; attempt++) {
      const options = patience(process, random);
      const call = works.pushAll([item], { dedupId: item, delayInMs, ...options });
      const ending = await follow(process, `works push(${item}, dedup ${item}, delay ${delayInMs})`, call, options);
      if (ending.type === 'acknowledged') return this.holds.pushed(item);
    }
  }

  async #take(process: Process, random: SeededRandom): Promise<void> {
    const visibilityTimeoutInMs = random.pick(visibilityTimeouts) ?? 1000;
    const wait = random.chance(0.5);
    const works = worksOf(process);
    const asked = this.holds.asked(process);
    const options = wait ? { timeoutInMs: random.between(100, 4000) } : {};
    const call = wait
      ? works.take({ visibilityTimeoutInMs, ...options })
      : works.take({ visibilityTimeoutInMs, wait: false });
    const ending = await follow(process, `works take(lease ${visibilityTimeoutInMs})`, shown(call), options);
    if (ending.type !== 'acknowledged' || ending.result === undefined) return;
    const { held } = ending.result;
    process.world.check(() => this.holds.taken(process, held, visibilityTimeoutInMs, asked));
    this.offers.taken(process, held.item, visibilityTimeoutInMs, asked);
    this.#finishLater(process, held, random);
  }

  #finishLater(process: Process, held: HeldItem<string>, random: SeededRandom): void {
    process.world.queue.after(random.between(0, 3000), () =>
      process.act(() => void this.#finish(process, held, random)),
    );
  }

  async #finish(process: Process, held: HeldItem<string>, random: SeededRandom): Promise<void> {
    const { item } = held;
    const choice = random.next();
    if (choice < 0.1) return;
    this.offers.released(item);
    const [asked, heldAt] = [this.holds.asked(process), process.core?.log.appliedIndex ?? -1];
    if (choice < 0.3) {
      this.holds.givingBack(process, item);
      const delayInMs = random.chance(0.5) ? 0 : random.integer(1000);
      const ending = await follow(process, `works nack(${item}, delay ${delayInMs})`, held.nack(delayInMs));
      if (ending.type === 'acknowledged' && ending.result)
        process.world.check(() => this.offers.returned(item, heldAt, delayInMs, asked));
      return;
    }
    if (choice < 0.5) {
      const ending = await follow(process, `works extend(${item})`, held.extend());
      if (ending.type === 'acknowledged' && ending.result) this.holds.extended(process, item, asked);
      return this.#finishLater(process, held, random);
    }
    this.holds.acknowledging(item);
    const ending = await follow(process, `works ack(${item})`, held.ack());
    if (ending.type === 'acknowledged') this.holds.acknowledged(process, held, ending.result);
  }
}

/** So that traces show what was taken. */
async function shown(call: Promise<HeldItem<string> | undefined>) {
  const held = await call;
  return held && { held, toJSON: () => [held.item, held.deliveries] };
}
