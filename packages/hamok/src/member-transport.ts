import type { HamokMessage } from '@hamok/messages';
import type { Transport } from '@hamok/raft';
import type { HamokConfig } from './config.js';
import { ConfigurationError } from './errors.js';
import { MessageTransport } from './message-transport.js';

/** What connects a member in each of its runs: the transport of its configuration, or the application's own connections. */
export class MemberTransport {
  #messages: MessageTransport | undefined;
  /** The transport of the configuration has had its one life. */
  #opened = false;

  /** `emit` gives a message to the application; false when nobody takes it. */
  constructor(
    private readonly configured: HamokConfig['transport'] | undefined,
    private readonly emit: (message: HamokMessage) => boolean,
  ) {}

  /**
   * For one run.
   * @throws {ConfigurationError} for the second run with one transport.
   */
  create(): Transport {
    if (typeof this.configured === 'function') return this.configured();
    if (this.configured !== undefined) {
      if (this.#opened) throw new ConfigurationError('transport', 'was opened before: give a function that makes one');
      this.#opened = true;
      return this.configured;
    }
    this.#messages = new MessageTransport(this.emit);
    return this.#messages;
  }

  /** The run is over. */
  ended(): void {
    this.#messages = undefined;
  }

  connect(peerId: string): void {
    this.#messages?.connect(peerId);
  }

  disconnect(peerId: string): void {
    this.#messages?.disconnect(peerId);
  }

  /** @throws what encoding or decoding throws, and {@link BadInputError}; {@link ConfigurationError} where there is a transport. */
  accept(message: HamokMessage | Uint8Array): void {
    this.#messages?.accept(message);
  }
}
