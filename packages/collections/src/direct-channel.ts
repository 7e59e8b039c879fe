import { HamokMessage, type HamokMessageInit, MessageProtocol } from '@hamok/messages';
import type { Consensus, MemberId } from './consensus.js';

/** What members tell each other outside the log: a storage message with a type and a storage id. Lossy, unordered, and hostile. */
export type DirectMessage = HamokMessage & { readonly storageId: string };
export type DirectReceiver = (from: MemberId, message: DirectMessage) => void;

/** The frames that collections send each other directly, each to the collection of its id. */
export class DirectChannel {
  readonly #receivers = new Map<string, DirectReceiver>();

  /** @param onUnclaimed takes the messages for collections that this member does not show */
  constructor(
    private readonly consensus: Pick<Consensus, 'send'>,
    private readonly maxFrameBytes: number,
    private readonly onUnclaimed: (channel: DirectChannel, from: MemberId, message: DirectMessage) => void,
  ) {}

  /** One receiver a collection, until the returned function is called. */
  listen(storageId: string, receiver: DirectReceiver): () => void {
    this.#receivers.set(storageId, receiver);
    return () => {
      if (this.#receivers.get(storageId) === receiver) this.#receivers.delete(storageId);
    };
  }

  /** False when the message is known not to have left. */
  send(to: MemberId, message: HamokMessageInit): boolean {
    return this.sendEncoded(to, encodeDirect(message));
  }

  /** Called while commands are applied, which a transport that throws must not stop. */
  sendEncoded(to: MemberId, frame: Uint8Array): boolean {
    try {
      return this.consensus.send(to, frame);
    } catch {
      return false;
    }
  }

  /** Whatever is not a message of a collection is dropped. */
  receive(from: MemberId, frame: Uint8Array): void {
    if (frame.length > this.maxFrameBytes) return;
    const message = decode(frame);
    if (message?.protocol !== MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL || !hasStorage(message)) return;
    const receiver = this.#receivers.get(message.storageId);
    if (receiver === undefined) this.onUnclaimed(this, from, message);
    else receiver(from, message);
  }
}

/** For a frame that goes to several members. */
export function encodeDirect(message: HamokMessageInit): Uint8Array {
  return new HamokMessage({ ...message, protocol: MessageProtocol.STORAGE_COMMUNICATION_PROTOCOL }).toBinary();
}

function decode(frame: Uint8Array): HamokMessage | undefined {
  try {
    return HamokMessage.fromBinary(frame);
  } catch {
    return undefined;
  }
}

function hasStorage(message: HamokMessage): message is DirectMessage {
  return message.storageId !== undefined;
}
