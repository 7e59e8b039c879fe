import { HamokMessage, MessageType } from '@hamok/messages';
import type { Clock } from '../clock.js';
import type { MemberId } from '../consensus.js';
import type { DirectChannel, DirectMessage } from '../direct-channel.js';
import { Stream, type StreamFrame } from './stream.js';
import type { Participant, View } from './view.js';

export interface StreamsOptions {
  readonly storageId: string;
  readonly self: Participant;
  readonly clock: Clock;
  readonly channel: DirectChannel;
  readonly view: () => View;
  /** False where its sender does not wait to hear that it came. */
  readonly receive: (from: Participant, message: HamokMessage) => boolean;
  readonly maxFrameBytes: number;
}

/** A stream to each other participant, from the epoch in which both take part until one does not any more. */
export class Streams {
  readonly #streams = new Map<string, Stream>();

  constructor(private readonly options: StreamsOptions) {}

  to({ id }: Participant): Stream | undefined {
    return this.#streams.get(id);
  }

  send(to: Participant, message: HamokMessage, settled?: (delivered: boolean) => void): void {
    const stream = this.#streams.get(to.id);
    if (stream === undefined) settled?.(false);
    else stream.send(message.toBinary(), settled);
  }

  /** Begins those to new participants. */
  open(view: View): void {
    for (const participant of view.participants) {
      if (participant.id === this.options.self.id) continue;
      if (!this.#streams.has(participant.id)) this.#streams.set(participant.id, this.#open(participant));
    }
  }

  /** All that follows from the epoch is done here: what came of it before can be taken in. */
  epochChanged(): void {
    for (const stream of [...this.#streams.values()]) stream.epochChanged();
  }

  /** Ends those to participants that left. */
  closeDeparted(view: View): void {
    for (const [id, stream] of [...this.#streams]) {
      if (view.find(id) !== undefined) continue;
      this.#streams.delete(id);
      stream.close();
    }
  }

  receive(from: MemberId, frame: DirectMessage): void {
    const { self, view } = this.options;
    const sender = view().findMember(from);
    if (sender === undefined || frame.sourceSince !== sender.since || frame.destinationSince !== self.since) return;
    const { sessionSequence: sequence, sessionAcknowledged: acknowledged = 0, storageEpoch: epoch = -1 } = frame;
    this.#streams.get(sender.id)?.receive({ sequence, acknowledged, epoch, messages: frame.entries });
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #open(to: Participant): Stream {
    const { clock, view, receive, maxFrameBytes } = this.options;
    return new Stream({
      clock,
      maxFrameBytes,
      epoch: () => view().epoch,
      send: (frame) => this.#send(to, frame),
      receive: (bytes) => {
        const message = decode(bytes);
        return message === undefined || receive(to, message);
      },
    });
  }

  #send(to: Participant, { sequence, acknowledged, epoch, messages }: StreamFrame): void {
    const { channel, storageId, self } = this.options;
    channel.send(to.member, {
      type: MessageType.STORAGE_STREAM_NOTIFICATION,
      storageId,
      sessionSequence: sequence,
      sessionAcknowledged: acknowledged,
      storageEpoch: epoch,
      sourceSince: self.since,
      destinationSince: to.since,
      entries: messages as Uint8Array[],
    });
  }
}

/** What is no message is dropped: its sender is told that it arrived, since it would be the same every time. */
function decode(bytes: Uint8Array): HamokMessage | undefined {
  try {
    return HamokMessage.fromBinary(bytes);
  } catch {
    return undefined;
  }
}
