import type { MemberId } from '@hamok/collections';
import { HamokMessage, MessageType } from '@hamok/messages';
import { Violation } from '../../invariants/invariant.js';
import type { Host } from '../host.js';
import type { StoragesWorld } from '../storages-world.js';
import type { OpenCall, StorageInvariant } from './storage-invariant.js';

/** Whoever works on a call prolongs it, up to so many times what it waits at first: LIMITS.md. */
const longestWait = 12;
/** For what is computed with fractions of milliseconds. */
const slackInMs = 1;

/**
 * A call ends within its time, or with its signal. Where it did not say how long, each word of somebody who works on it begins that time
 * anew, up to a limit. A process that stands still ends its calls when it goes on.
 */
export class TimelyCalls implements StorageInvariant {
  readonly name = 'calls end in time';
  readonly source = 'architecture: "Failure is part of the interface"; LIMITS.md';
  /** When each member was last given a part of an answer, or told that somebody works on one, and waits for no participant that is silent. */
  readonly #heardAt = new Map<Host, number>();
  /** By receiver and sender: the last frame with parts of answers. What fills a gap before it lets it be taken in. */
  readonly #lastAnswer = new Map<string, number>();

  constructor(private readonly requestTimeoutInMs: number) {}

  onFrame(host: Host, from: MemberId, frame: Uint8Array, world: StoragesWorld): void {
    const {
      type,
      entries,
      activeEndpointIds: waitsFor,
      sessionSequence: sequence = 0,
    } = HamokMessage.fromBinary(frame);
    const stream = `${from}>${host.id}`;
    const lastAnswer = this.#lastAnswer.get(stream) ?? 0;
    const hasAnswers = entries.some(
      (entry) => HamokMessage.fromBinary(entry).type === MessageType.GET_ENTRIES_RESPONSE,
    );
    if (hasAnswers) this.#lastAnswer.set(stream, Math.max(sequence, lastAnswer));
    // As far as a member knows: whoever takes part no more is waited for only until the other one hears of it too.
    const epoch = world.takers.find((taker) => taker.host === host)?.storage.participants.epoch ?? -1;
    const isInVain = waitsFor.some((participant) => world.participations.has(participant, epoch));
    const isWork = type === MessageType.ONGOING_REQUESTS_NOTIFICATION && !isInVain;
    const isWord = isWork || hasAnswers || (0 < sequence && sequence < lastAnswer);
    if (isWord) this.#heardAt.set(host, host.clock.now());
  }

  onCall(call: OpenCall, world: StoragesWorld): void {
    const check = (): void => {
      if (!world.calls.has(call) || call.host.status === 'dead') return;
      const deadline = this.#deadlineOf(call) + slackInMs;
      const { now } = world.queue;
      if (now < deadline) world.queue.after(deadline - now, check);
      else if (call.host.status === 'stopped') call.host.act(() => world.queue.after(slackInMs, check));
      else throw new Violation(this.name, `${call.what}, asked at ${call.begin.toFixed(1)}, has not ended`);
    };
    check();
  }

  #deadlineOf({ host, begin, timeoutInMs, abortAt = Number.POSITIVE_INFINITY, steps }: OpenCall): number {
    const time = timeoutInMs ?? this.requestTimeoutInMs;
    // A step that waited while its process stood still ends when that goes on, maybe with what came meanwhile, and then the next begins.
    const begun = Math.max(begin, host.resumedAt - time);
    const ends = Math.max(abortAt, host.resumedAt);
    if (timeoutInMs !== undefined) return Math.min(ends, begun + steps * time);
    const heardAt = Math.max(begun, this.#heardAt.get(host) ?? begun);
    return Math.min(ends, begun + steps * longestWait * time, heardAt + steps * time);
  }
}
