import { HamokMessage, MessageType } from '@hamok/messages';
import type { SeededRandom } from '../../random.js';
import type { EventQueue } from '../../world/event-queue.js';
import type { Frame } from './fabric.js';

/** How many of the last answers about memberships each host is told again, while a member there leaves, and within which time (ms). */
const remembered = 6;
const repeatedWithin = 60;
/** How often a request to be let in comes again, and by when (ms): its member may have been removed since. */
const repeatedChance = 0.1;
const lateBy = 20_000;
/** No word about a membership is longer (bytes). */
const longest = 1000;

/**
 * What is said about memberships comes again when it means something else: what a host was told before, while a member there leaves; and that
 * one asked to be let in, when it may have been let in and removed.
 */
export class LateWords {
  /** How many came late. */
  count = 0;
  readonly #told = new Map<string, Frame[]>();
  #ended = false;

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly deliver: (frame: Frame) => void,
  ) {}

  /** What follows is to be quiet. */
  end(): void {
    this.#ended = true;
  }

  passes(frame: Frame): void {
    if (this.#ended || frame.bytes.length > longest) return;
    const { type, requestId } = HamokMessage.fromBinary(frame.bytes);
    if (type === MessageType.MEMBERSHIP_RESPONSE || type === MessageType.NOT_A_MEMBER_NOTIFICATION) this.#keep(frame);
    if (type !== MessageType.MEMBERSHIP_REQUEST) return;
    if (requestId === 'leave') this.#tellAgain(frame);
    else if (this.random.chance(repeatedChance)) this.#repeat(frame, lateBy);
  }

  #keep(frame: Frame): void {
    const told = this.#told.get(frame.to) ?? [];
    this.#told.set(frame.to, told);
    if (told.push(frame) > remembered) told.shift();
  }

  /** Also what was told to those before the one that leaves. */
  #tellAgain({ from, sender }: Frame): void {
    for (const frame of this.#told.get(from) ?? []) this.#repeat({ ...frame, receiver: sender }, repeatedWithin);
    this.#told.delete(from);
  }

  #repeat(frame: Frame, within: number): void {
    this.queue.after(this.random.between(0, within), () => {
      if (this.#ended) return;
      this.count++;
      this.deliver(frame);
    });
  }
}
