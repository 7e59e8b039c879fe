import type { MemberId } from '@hamok/collections';
import type { SeededRandom } from '../random.js';
import type { EventQueue } from '../world/event-queue.js';

export interface FrameNoise {
  readonly loss: number;
  readonly duplication: number;
  /** The longest that a frame is under way, in ms. Those that are overtaken arrive out of order. */
  readonly maxDelayInMs: number;
}

/** Longer than whoever works on something stays silent. */
const quietForMs = 4000;

/** What members send each other directly: lost, doubled, delayed and disordered, and cut off between some of them. */
export class FrameNetwork {
  readonly #cut = new Set<string>();
  /** Told of what is sent, before it is lost or not. */
  readonly watchers = new Set<(from: MemberId, frame: Uint8Array) => void>();
  lost = 0;
  doubled = 0;
  #lastSent = 0;

  constructor(
    private readonly queue: EventQueue,
    private readonly random: SeededRandom,
    public noise: FrameNoise,
    private readonly deliver: (from: MemberId, to: MemberId, frame: Uint8Array) => void,
    private readonly dropped: (from: MemberId, to: MemberId, frame: Uint8Array) => void,
  ) {}

  /** Whether members have nothing left to tell each other: what callers do not wait for any more is still carried out. */
  get isQuiet(): boolean {
    return this.queue.now - this.#lastSent > quietForMs;
  }

  send(from: MemberId, to: MemberId, frame: Uint8Array): void {
    this.#lastSent = this.queue.now;
    for (const watch of this.watchers) watch(from, frame);
    if (this.#cut.has(`${from}>${to}`)) return this.dropped(from, to, frame);
    const { loss, duplication, maxDelayInMs } = this.noise;
    const copies = this.random.chance(loss) ? 0 : this.random.chance(duplication) ? 2 : 1;
    if (copies === 2) this.doubled++;
    if (copies === 0) {
      this.lost++;
      this.dropped(from, to, frame);
    }
    for (let copy = 0; copy < copies; copy++)
      this.queue.after(this.random.between(0.1, maxDelayInMs), () => this.deliver(from, to, frame));
  }

  cut(from: MemberId, to: MemberId): this {
    this.#cut.add(`${from}>${to}`);
    return this;
  }

  mend(from: MemberId, to: MemberId): void {
    this.#cut.delete(`${from}>${to}`);
  }

  heal(): void {
    this.#cut.clear();
  }
}
