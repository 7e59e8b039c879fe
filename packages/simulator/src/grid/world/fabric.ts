import { HamokMessage, MessageType } from '@hamok/messages';
import type { SeededRandom } from '../../random.js';
import type { EventQueue } from '../../world/event-queue.js';
import { Network, type Parcel } from '../../world/network.js';
import type { Endpoint } from './endpoint.js';
import { LateWords } from './late-words.js';
import type { Process } from './process.js';

/** A frame on its way. Links are cut between hosts, so that a process that restarts is on the same side as before. */
export interface Frame extends Parcel {
  readonly sender: Process;
  readonly receiver: Process;
  readonly bytes: Uint8Array;
}

/** What arrives again of a process that is dead, in the company of what its next process sends. */
interface Repeated {
  readonly frames: readonly Frame[];
  readonly until: number;
  answersLeft: number;
}

/** How many of the last frames of each process are remembered, to arrive again when it is dead; and by when (ms). */
const remembered = 8;
const lateBy = 6000;
/** How often one of them comes along with a frame of the next process of its host, and how many ms after it at most. */
const companyChance = 0.3;
const companyWithin = 3;
/** So many of its answers to a leader have company after that time, each: it may be let in later. */
const accompaniedAnswers = 20;
const connectWithin = 30;
const retryAfter = 200;
/** Some connections break at once, others are only found to be broken. */
const brokenAfter = [1, 40, 1500];

/** What connects the processes of a simulation. */
export class Fabric {
  readonly network: Network<Frame>;
  readonly lateWords: LateWords;
  readonly #open = new Set<Endpoint>();
  readonly #last = new WeakMap<Process, Frame[]>();
  /** By host. */
  readonly #repeated = new Map<string, Repeated>();

  constructor(
    readonly queue: EventQueue,
    readonly random: SeededRandom,
    readonly deliver: (frame: Frame) => void,
    dropped: (frame: Frame) => void,
  ) {
    this.network = new Network<Frame>(queue, random.fork(), deliver, dropped);
    this.lateWords = new LateWords(queue, random.fork(), deliver);
  }

  send(sender: Process, receiver: Process, bytes: Uint8Array): void {
    const frame = { sender, from: sender.host, to: receiver.host, receiver, bytes };
    const last = this.#last.get(sender) ?? [];
    this.#last.set(sender, last);
    if (last.push(frame) > remembered) last.shift();
    this.network.send(frame);
    this.lateWords.passes(frame);
    const repeated = this.#repeated.get(sender.host);
    if (repeated) this.#accompany(frame, repeated);
  }

  /** The last frames of a process arrive again, now and then, and beside those of the process that has its place. */
  repeat(sender: Process): void {
    const frames = this.#last.get(sender) ?? [];
    this.#repeated.set(sender.host, { frames, until: this.queue.now + lateBy, answersLeft: accompaniedAnswers });
    for (const frame of frames) this.queue.after(this.random.between(0, lateBy), () => this.deliver(frame));
  }

  /** Something that was sent to the same process by the one before arrives about when this does. */
  #accompany({ from, receiver, bytes }: Frame, repeated: Repeated): void {
    const { frames, until } = repeated;
    const isOver = this.queue.now > until;
    const isAnswer = isOver && HamokMessage.fromBinary(bytes).type === MessageType.RAFT_APPEND_ENTRIES_RESPONSE;
    if (isAnswer && --repeated.answersLeft < 0) this.#repeated.delete(from);
    else if (isAnswer || (!isOver && this.random.chance(companyChance))) {
      const late = this.random.pick(frames.filter((frame) => frame.receiver === receiver));
      if (late) this.queue.after(this.random.between(0, companyWithin), () => this.deliver(late));
    }
  }

  /** Nothing is cut, delayed or repeated any more. */
  heal(): void {
    this.network.heal();
    this.lateWords.end();
  }

  opened(endpoint: Endpoint): void {
    for (const other of this.#open) {
      this.#connect(endpoint, other, this.random.between(0, connectWithin));
      this.#connect(other, endpoint, this.random.between(0, connectWithin));
    }
    this.#open.add(endpoint);
  }

  closed(endpoint: Endpoint): void {
    this.#open.delete(endpoint);
    for (const other of this.#open) {
      const delay = this.random.pick(brokenAfter) ?? 0;
      this.queue.after(delay, () => other.owner.act(() => other.disconnect(endpoint)));
    }
  }

  #connect(from: Endpoint, to: Endpoint, delay: number): void {
    this.queue.after(delay, () => {
      if (!from.isOpen || !to.isOpen) return;
      const [a, b] = [from.owner.host, to.owner.host];
      if (this.network.isCut(a, b) || this.network.isCut(b, a)) this.#connect(from, to, retryAfter);
      else from.owner.act(() => from.connect(to));
    });
  }
}
