import type { Clock } from '../clock.js';
import { Fifo } from '../fifo.js';
import { RetransmissionTimeout } from './retransmission-timeout.js';

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
  /** False where nobody waits to hear that it came: that may go with what is sent next. */
  readonly receive: (message: Uint8Array) => boolean;
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
  readonly sentAt: number;
  /** Nobody knows which one of them was acknowledged. */
  isSentAgain: boolean;
}

const maxInFlightBytes = 4 * 1024 * 1024;
/** What has to wait for them goes together in later frames. */
const maxInFlightFrames = 64;
const sentAgainAtOnce = 8;
const maxMessagesAFrame = 1024;
/** What waits beyond it holds up those who can wait: see `drained`. */
const maxBacklogBytes = 8 * 1024 * 1024;
/** Well below what the other end waits before it sends again. */
const acknowledgedWithinMs = 20;
/** Of who has acknowledged nothing for so long, though there is something. */
export const silentAfterInMs = 2000;
/** Beyond it nothing more is sent to who is silent that need not be. */
const maxStuckMessages = 65_536;
/** Of a frame: the other end may have to wait before it sends more. */
const muchBytes = 64 * 1024;

/**
 * The ordered stream of messages from one participant to another, and back, over frames that may be lost, doubled and disordered:
 * each message is taken in once, in order, and its sender learns when it was. A receiver takes in nothing of an epoch that it does
 * not know yet. A lost frame holds up what comes behind it, and is sent again until it is acknowledged.
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #waiting = new Fifo<Outgoing>();
  readonly #sent = new Fifo<SentFrame>();
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #lastSent = 0;
  #lastReceived = 0;
  #acknowledgedAt = Number.NEGATIVE_INFINITY;
  #peerEpoch = -1;
  /** At once, or when there is something to send, or the time for it is up. */
  #mustAcknowledge = false;
  #mayAcknowledge = false;
  #cancelLateAcknowledgement: (() => void) | undefined;
  #scheduled = false;
  #closed = false;
  readonly #timeout = new RetransmissionTimeout();
  /** The last frame that may have been lost with one that was sent again: what was first sent later is not suspected with it. */
  #suspectUntil = 0;
  #cancelTimer: (() => void) | undefined;
  #drained: (() => void)[] = [];
  /** Frames that came before those ahead of them, or before this end knew their epoch. */
  readonly #early = new Map<number, StreamFrame>();
  #earlyBytes = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the other end has acknowledged nothing for a while, though there is something. */
  get isSilent(): boolean {
    const first = this.#sent.at(0);
    if (first === undefined) return false;
    return this.#options.clock.now() - Math.max(first.sentAt, this.#acknowledgedAt) >= silentAfterInMs;
  }

  /** Whether it is silent, and very much waits for it. */
  get isStuck(): boolean {
    return this.isSilent && this.#waiting.length >= maxStuckMessages;
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
      // It may not have known this participant before, and taken nothing from it.
      this.#peerEpoch = frame.epoch;
      this.#sendAgain();
    }
    if (frame.sequence === undefined) return;
    if (frame.sequence === this.#lastReceived + 1 && frame.epoch <= this.#options.epoch()) {
      this.#take(frame);
      this.#takeEarly();
      return;
    }
    if (frame.sequence > this.#lastReceived) this.#keep(frame.sequence, frame);
    this.#acknowledgeAtOnce();
  }

  /** Says what is known here now, so that the other end need not wait to send again what was too new before. */
  epochChanged(): void {
    this.#takeEarly();
    this.#acknowledgeAtOnce();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelLateAcknowledgement?.();
    this.#early.clear();
    const messages = [...this.#sent.drain().flatMap((frame) => frame.messages), ...this.#waiting.drain()];
    for (const { settled } of messages) settled?.(false);
    this.#wakeDrained();
  }

  #take({ messages }: StreamFrame): void {
    this.#lastReceived++;
    let isAwaited = false;
    let bytes = 0;
    for (const message of messages) {
      isAwaited = this.#options.receive(message) || isAwaited;
      bytes += message.length;
    }
    if (isAwaited || bytes >= muchBytes) this.#acknowledgeAtOnce();
    else this.#acknowledgeLater();
  }

  #acknowledgeAtOnce(): void {
    this.#mustAcknowledge = true;
    this.#schedule();
  }

  #acknowledgeLater(): void {
    this.#mayAcknowledge = true;
    this.#cancelLateAcknowledgement ??= this.#options.clock.setTimer(() => {
      this.#cancelLateAcknowledgement = undefined;
      if (this.#mayAcknowledge) this.#acknowledgeAtOnce();
    }, acknowledgedWithinMs);
  }

  /** Keeps what came too early, as much as a sender may have under way. */
  #keep(sequence: number, frame: StreamFrame): void {
    if (this.#early.has(sequence) || this.#early.size >= maxInFlightFrames) return;
    const bytes = frame.messages.reduce((sum, { length }) => sum + length, 0);
    if (this.#earlyBytes + bytes > maxInFlightBytes + this.#options.maxFrameBytes) return;
    this.#earlyBytes += bytes;
    this.#early.set(sequence, { ...frame, messages: frame.messages.map((message) => message.slice()) });
  }

  #takeEarly(): void {
    for (;;) {
      const frame = this.#early.get(this.#lastReceived + 1);
      if (frame === undefined || frame.epoch > this.#options.epoch()) return;
      this.#early.delete(this.#lastReceived + 1);
      for (const { length } of frame.messages) this.#earlyBytes -= length;
      this.#take(frame);
    }
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
    while (this.#waiting.length > 0 && this.#inFlightBytes < maxInFlightBytes && this.#sent.length < maxInFlightFrames)
      this.#sendNext();
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
    const sentAt = this.#options.clock.now();
    const frame = { sequence: ++this.#lastSent, epoch, bytes, messages, sentAt, isSentAgain: false };
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
    this.#mayAcknowledge = false;
    this.#options.send({ sequence, acknowledged: this.#lastReceived, epoch, messages });
  }

  #acknowledge(sequence: number): void {
    let last: SentFrame | undefined;
    let wasSentAgain = false;
    for (let first = this.#sent.at(0); first !== undefined && first.sequence <= sequence; first = this.#sent.at(0)) {
      this.#sent.shift();
      this.#inFlightBytes -= first.bytes;
      last = first;
      wasSentAgain ||= first.isSentAgain;
      for (const { settled } of first.messages) settled?.(true);
    }
    if (last === undefined || this.#closed) return;
    this.#acknowledgedAt = this.#options.clock.now();
    // What came behind a lost frame was acknowledged when that had come, not when it had come itself.
    if (!wasSentAgain) this.#timeout.measured(this.#acknowledgedAt - last.sentAt);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    // Where one was lost, the next that is missing may have been as well: RFC 6582.
    if (wasSentAgain) this.#sendFirst((frame) => frame.sequence <= this.#suspectUntil && !frame.isSentAgain);
    if (this.#sent.length > 0) this.#arm();
    if (this.#waiting.length > 0) this.#schedule();
  }

  #sendAgain(): void {
    this.#suspectUntil = this.#lastSent;
    this.#sendFirst(() => true);
  }

  #sendFirst(isSuspect: (frame: SentFrame) => boolean): void {
    for (let at = 0; at < sentAgainAtOnce; at++) {
      const frame = this.#sent.at(at);
      if (frame === undefined) return;
      if (!isSuspect(frame)) continue;
      frame.isSentAgain = true;
      this.#sendFrame(frame);
    }
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined) return;
    const { clock } = this.#options;
    this.#cancelTimer = clock.setTimer(() => {
      // Where this end was held up itself, what has come meanwhile is behind its timers.
      this.#cancelTimer = clock.setTimer(() => this.#waitedInVain(), 0);
    }, this.#timeout.inMs);
  }

  #waitedInVain(): void {
    this.#cancelTimer = undefined;
    if (this.#sent.length === 0) return;
    this.#timeout.expired();
    this.#sendAgain();
    this.#arm();
  }

  #wakeDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
