import { type HamokMessage, MessageType } from '@hamok/messages';
import { encodeText } from '../bytes/utf8.js';
import type { Clock } from '../clock.js';
import type { DirectChannel } from '../direct-channel.js';
import type { Participant } from './view.js';

/** Well below what anybody waits for. */
export const ongoingIntervalInMs = 1000;

/** What this member was asked for and works on: it says so, once in a while, to who waits for it, and for whom it waits itself. */
export class OngoingRequests {
  readonly #ongoing = new Map<HamokMessage, Participant>();
  #cancelTimer: (() => void) | undefined;

  constructor(
    private readonly storageId: string,
    private readonly channel: DirectChannel,
    private readonly clock: Clock,
    /** Those for whom a request waits here, and who are silent. */
    private readonly waitsFor: (request: HamokMessage) => readonly Participant[],
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
    const notices = new Map<
      string,
      { readonly to: Participant; readonly ids: Uint8Array[]; readonly waitsFor: string[] }
    >();
    for (const [request, to] of this.#ongoing) {
      const waitsFor = this.waitsFor(request).map(({ id }) => id);
      const group = [to.id, ...waitsFor].join();
      const notice = notices.get(group) ?? { to, ids: [], waitsFor };
      notices.set(group, notice);
      notice.ids.push(encodeText(request.requestId ?? ''));
    }
    for (const { to, ids, waitsFor } of notices.values())
      this.channel.send(to.member, {
        type: MessageType.ONGOING_REQUESTS_NOTIFICATION,
        storageId: this.storageId,
        keys: ids,
        activeEndpointIds: waitsFor,
      });
  }
}
