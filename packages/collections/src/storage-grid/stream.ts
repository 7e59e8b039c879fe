import type { Clock } from '../clock.js';
import { Fifo } from '../fifo.js';

/** Messages that travel together, and are taken in together or not at all. */
export interface StreamFrame {
  /** From 1, without gaps; undefined for a frame that only acknowledges. */
  readonly sequence: number | undefined;
  /** The last frame that its sender has taken in of the other direction. */
  readonly acknowledged: number;
  /** What its sender knew when it wrote the messages; of one without messages, what it knows now. */
  readonly epoch: number;
  readonly messages: readonly Uint8Array[];
}

export interface StreamOptions {
  readonly clock: Clock;
  readonly epoch: () => number;
  /** Lossy and unordered. */
  readonly send: (frame: StreamFrame) => void;
  readonly receive: (message: Uint8Array) => void;
  /** Bytes of messages that one frame may have; one message may be larger. */
  readonly maxFrameBytes: number;
}

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly epoch: number;
  readonly settled: ((delivered: boolean) => void) | undefined;
}

interface SentFrame {
  readonly sequence: number;
  readonly epoch: number;
  readonly bytes: number;
  readonly messages: readonly Outgoing[];
}

const maxInFlightBytes = 4 * 1024 * 1024;
const maxMessagesAFrame = 1024;
/** What waits beyond it holds up those who can wait: see `drained`. */
const maxBacklogBytes = 8 * 1024 * 1024;
const firstPatienceInMs = 100;
const maxPatienceInMs = 1600;

/**
 * The ordered stream of messages from one participant to another, and back, over frames that may be lost, doubled and disordered:
 * each message is taken in once, in order, and its sender learns when it was. A receiver takes in nothing of an epoch that it does
 * not know yet. A lost frame holds up what comes behind it, and is sent again until it is acknowledged (go-back-N).
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #waiting = new Fifo<Outgoing>();
  readonly #sent = new Fifo<SentFrame>();
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #lastSent = 0;
  #lastReceived = 0;
  #peerEpoch = -1;
  #mustAcknowledge = false;
  #scheduled = false;
  #resending = false;
  #closed = false;
  #patienceInMs = firstPatienceInMs;
  #cancelTimer: (() => void) | undefined;
  #drained: (() => void)[] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @param settled told when the other end has taken the message in, or, with false, that this stream ended first */
  send(bytes: Uint8Array, settled?: (delivered: boolean) => void): void {
    if (this.#closed) return settled?.(false);
    this.#waiting.push({ bytes, epoch: this.#options.epoch(), settled });
    this.#waitingBytes += bytes.length;
    this.#schedule();
  }

  /** Resolves once little waits to be sent, or the stream has ended. */
  drained(): Promise<void> {
    if (this.#closed || this.#waitingBytes <= maxBacklogBytes) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
    });
  }

  receive(frame: StreamFrame): void {
    if (this.#closed) return;
    this.#acknowledge(frame.acknowledged);
    if (frame.epoch > this.#peerEpoch) {
      // What it could not take in before, it may be able to now.
      this.#peerEpoch = frame.epoch;
      this.#sendAgain();
    }
    if (frame.sequence === undefined) return;
    this.#mustAcknowledge = true;
    this.#schedule();
    if (frame.sequence !== this.#lastReceived + 1 || frame.epoch > this.#options.epoch()) return;
    this.#lastReceived++;
    for (const message of frame.messages) this.#options.receive(message);
  }

  /** Says what is known here now, so that the other end need not wait to send again what was too new before. */
  epochChanged(): void {
    this.#mustAcknowledge = true;
    this.#schedule();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    const messages = [...this.#sent.drain().flatMap((frame) => frame.messages), ...this.#waiting.drain()];
    for (const { settled } of messages) settled?.(false);
    this.#wakeDrained();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.clock.defer(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#inFlightBytes < maxInFlightBytes) this.#sendNext();
    if (this.#waitingBytes <= maxBacklogBytes) this.#wakeDrained();
    if (this.#mustAcknowledge) this.#send(undefined, this.#options.epoch(), []);
  }

  /** A frame has messages of one epoch. */
  #sendNext(): void {
    const messages: Outgoing[] = [];
    const epoch = this.#waiting.at(0)?.epoch ?? 0;
    let bytes = 0;
    for (let next = this.#waiting.at(0); next?.epoch === epoch; next = this.#waiting.at(0)) {
      const isFull = bytes + next.bytes.length > this.#options.maxFrameBytes || messages.length >= maxMessagesAFrame;
      if (messages.length > 0 && isFull) break;
      this.#waiting.shift();
      messages.push(next);
      bytes += next.bytes.length;
    }
    this.#waitingBytes -= bytes;
    this.#inFlightBytes += bytes;
    const frame = { sequence: ++this.#lastSent, epoch, bytes, messages };
    this.#sent.push(frame);
    this.#sendFrame(frame);
    this.#arm();
  }

  #sendFrame({ sequence, epoch, messages }: SentFrame): void {
    this.#send(
      sequence,
      epoch,
      messages.map(({ bytes }) => bytes),
    );
  }

  #send(sequence: number | undefined, epoch: number, messages: readonly Uint8Array[]): void {
    this.#mustAcknowledge = false;
    this.#options.send({ sequence, acknowledged: this.#lastReceived, epoch, messages });
  }

  #acknowledge(sequence: number): void {
    let progressed = false;
    for (let first = this.#sent.at(0); first !== undefined && first.sequence <= sequence; first = this.#sent.at(0)) {
      this.#sent.shift();
      this.#inFlightBytes -= first.bytes;
      progressed = true;
      for (const { settled } of first.messages) settled?.(true);
    }
    if (!progressed) return;
    this.#patienceInMs = firstPatienceInMs;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#resending) this.#sendAgain();
    this.#resending = false;
    if (this.#sent.length > 0) this.#arm();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #sendAgain(): void {
    for (const frame of this.#sent) this.#sendFrame(frame);
  }

  /** While nothing comes back only the first frame is sent again, and the others when that was taken in. */
  #arm(): void {
    if (this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#options.clock.setTimer(() => {
      this.#cancelTimer = undefined;
      const first = this.#sent.at(0);
      if (first === undefined) return;
      this.#resending = true;
      this.#patienceInMs = Math.min(this.#patienceInMs * 2, maxPatienceInMs);
      this.#sendFrame(first);
      this.#arm();
    }, this.#patienceInMs);
  }

  #wakeDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
