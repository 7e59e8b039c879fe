import { type HamokMessage, MessageType } from '@hamok/messages';
import { encodeText } from '../bytes/utf8.js';
import type { Clock } from '../clock.js';
import type { DirectChannel } from '../direct-channel.js';
import type { Participant } from './view.js';

/** Well below what anybody waits for. */
export const ongoingIntervalInMs = 1000;

/** What this member was asked for and works on: it says so, once in a while, to who waits for it. */
export class OngoingRequests {
  readonly #ongoing = new Map<HamokMessage, Participant>();
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly storageId: string,
    private readonly channel: DirectChannel,
    private readonly clock: Clock,
  ) {}

  /** Until the returned function is called. */
  begin(from: Participant, request: HamokMessage): () => void {
    this.#ongoing.set(request, from);
    this.#arm();
    return () => {
      this.#ongoing.delete(request);
    };
  }

  close(): void {
    this.#ongoing.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    this.#cancelTimer ??= this.clock.setTimer(() => {
      this.#cancelTimer = undefined;
      this.#tell();
      if (this.#ongoing.size > 0) this.#arm();
    }, ongoingIntervalInMs);
  }

  #tell(): void {
    const byReceiver = new Map<Participant, Uint8Array[]>();
    for (const [{ requestId = '' }, from] of this.#ongoing) {
      const ids = byReceiver.get(from) ?? [];
      ids.push(encodeText(requestId));
      byReceiver.set(from, ids);
    }
    for (const [{ member }, keys] of byReceiver)
      this.channel.send(member, {
        type: MessageType.ONGOING_REQUESTS_NOTIFICATION,
        storageId: this.storageId,
        keys,
      });
  }
}
